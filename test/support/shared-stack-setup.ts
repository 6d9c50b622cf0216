/** The vitest globalSetup of the suites that need a whole stack: the first file that asks raises it, all use it, it ends with the run. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { openStack } from "./stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** File that names the shared stack once it is raised. */
    readonly sharedStackFile: string;
  }
}

export default function setup({ provide }: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "muster-shared-"));
  const file = join(folder, "stack.json");
  provide("sharedStackFile", file);
  return async () => {
    try {
      if (existsSync(file)) await openStack(JSON.parse(readFileSync(file, "utf8")).handle).dispose();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}
