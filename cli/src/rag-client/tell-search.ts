import type { LoadedConfig } from "../config/load.ts";
import { CliError } from "../errors/cli-error.ts";
import { withStack } from "../stack/open-stack.ts";
import { openRag } from "./rag-client.ts";

/**
 * Makes what was just written in the checkout findable at once where search reads a copy of it: refreshes the copy and asks for a sync. Elsewhere the service
 * watches the checkout itself, and nothing is done. What was written stands whatever comes of this; the answer is notes for a person, empty when all went well.
 */
export async function tellSearch(loaded: LoadedConfig, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return await withStack(loaded, async (stack) => {
      if (!(await stack.driver.refreshCopies())) return [];
      const rag = await openRag(stack, signal);
      await rag.call("POST", "/index/sync", {});
      return [];
    });
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    const next = error instanceof CliError ? ` ${error.hint}` : "";
    return [`note       written, but search was not told: ${why}${next}`];
  }
}
