import { existsSync } from "node:fs";
import type { Stack } from "../test/support/stack.ts";

const RESET_MS = 10 * 60_000;

/** `down` keeps an engine's volumes; only `reset` erases them. @throws Error naming what is left */
export async function clearStack(stack: Stack): Promise<void> {
  try {
    if (!existsSync(stack.stateDir)) return;
    const { exit, stdout, stderr } = await stack.run(["reset", "--yes", "--json"], { timeoutMs: RESET_MS });
    if (exit !== 0) throw new Error(`elk-os reset ended with ${exit}: ${stdout}${stderr}`);
  } finally {
    await stack.dispose();
  }
}
