/**
 * The vitest globalSetup of the suites that need a whole stack: the first file that asks raises it, the files after it use it, it ends with the run.
 * Files that run side by side have one each.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { openStack } from "./stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder with a file for each shared stack that was raised. */
    readonly sharedStacks: string;
  }
}

export default function setup({ provide }: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "muster-shared-"));
  provide("sharedStacks", folder);
  return async () => {
    try {
      const files = readdirSync(folder).map((name) => join(folder, name));
      const stacks = files.map((file) => openStack(JSON.parse(readFileSync(file, "utf8")).handle));
      // Each is taken down, whatever another one left behind.
      const ends = await Promise.allSettled(stacks.map((stack) => stack.dispose()));
      const reasons = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
      if (reasons.length > 0) throw new AggregateError(reasons, reasons.map(String).join("\n"));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}
