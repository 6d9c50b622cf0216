/**
 * The vitest globalSetup of the suites that need a whole stack: the first file that asks raises it, the files after it use it, it ends with the run.
 * Files that run side by side have one each.
 */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { openStack } from "./stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder with a file for each shared stack that was raised, "0.json", and its own checkout, "0". */
    readonly sharedStacks: string;
  }
}

export default function setup({ provide }: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "muster-shared-"));
  // Services run as another user when elk-os runs as root, and must walk through to the checkout.
  chmodSync(folder, 0o711);
  provide("sharedStacks", folder);
  return async () => {
    try {
      const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
      const stacks = files.map((name) => openStack(JSON.parse(readFileSync(join(folder, name), "utf8")).handle));
      // Each is taken down, whatever another one left behind.
      const ends = await Promise.allSettled(stacks.map((stack) => stack.dispose()));
      const reasons = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
      if (reasons.length > 0) throw new AggregateError(reasons, reasons.map(String).join("\n"));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}
