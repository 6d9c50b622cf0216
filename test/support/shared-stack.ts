import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { LANE } from "./lane.ts";
import { openStack, type Ran, raiseStack, type Stack, type StackHandle } from "./stack.ts";

interface Shared {
  readonly handle: StackHandle;
  /** What the first `up` answered. */
  readonly up: Ran;
}

/**
 * The green stack that the files of this lane share; raised by the first that asks. A test leaves it as green as it found it, and harms nothing
 * that another lane's stack has, too: not the checkout, and nothing in the cache.
 */
export async function sharedStack(): Promise<{ readonly stack: Stack; readonly up: Ran }> {
  const file = join(inject("sharedStacks"), `${LANE}.json`);
  if (!existsSync(file)) {
    const { stack, up } = await raiseStack();
    const { checkout, folder, stateDir, cacheDir, profile, ports, runAs } = stack;
    const shared: Shared = { handle: { checkout, folder, stateDir, cacheDir, profile, ports, runAs }, up };
    writeFileSync(file, JSON.stringify(shared));
  }
  const { handle, up }: Shared = JSON.parse(readFileSync(file, "utf8"));
  return { stack: openStack(handle), up };
}
