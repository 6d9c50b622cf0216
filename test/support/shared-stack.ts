import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { currentIdentity } from "../../cli/src/host/users.ts";
import { LANE } from "./lane.ts";
import { makeReleasedCheckout } from "./released-checkout.ts";
import { openStack, type Ran, raiseStack, type Stack, type StackHandle } from "./stack.ts";

interface Shared {
  readonly handle: StackHandle;
  /** What the first `up` answered. */
  readonly up: Ran;
}

/**
 * The green stack that the files of this lane share, on a checkout of its own; raised by the first that asks. A test leaves both as green as it found
 * them, and harms nothing that another lane's stack has, too: nothing in the cache, and not the checkout that the suite runs from.
 */
export async function sharedStack(): Promise<{ readonly stack: Stack; readonly up: Ran }> {
  const place = join(inject("sharedStacks"), String(LANE));
  const file = `${place}.json`;
  if (!existsSync(file)) {
    // It is there where an earlier file's raise failed.
    if (!existsSync(place)) makeReleasedCheckout(place, currentIdentity());
    const { stack, up } = await raiseStack({ checkout: place });
    const { checkout, folder, stateDir, cacheDir, profile, ports, runAs } = stack;
    const shared: Shared = { handle: { checkout, folder, stateDir, cacheDir, profile, ports, runAs }, up };
    writeFileSync(file, JSON.stringify(shared));
  }
  const { handle, up }: Shared = JSON.parse(readFileSync(file, "utf8"));
  return { stack: openStack(handle), up };
}
