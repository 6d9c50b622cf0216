/** A checkout with two releases, and a Muster of its own that runs from it; nothing of either is left. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../cli/src/config/load.ts";
import type { DriverId } from "../../cli/src/drivers/driver.ts";
import { currentIdentity } from "../../cli/src/host/users.ts";
import { linkCache } from "../../test/support/linked-cache.ts";
import { makeReleasedCheckout, SOUND_RELEASE } from "../../test/support/released-checkout.ts";
import { CHECKOUT, layOutStack, type Stack } from "../../test/support/stack.ts";
import { clearStack } from "../clear-stack.ts";
import { during } from "../progress.ts";

/** The release that can be gone to from what is checked out. */
export const NEXT = "v0.2.0";

/**
 * Lays a stack out for `work` and takes it away however `work` ends. What it stages stays in a cache of its own; images that the compose driver
 * builds stay with the engine, as after any reset.
 */
export async function onStage<T>(driver: DriverId, work: (stack: Stack) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "muster-bench-operations-"));
  try {
    // Services run as another user when this runs as root, and must walk through to their own folders.
    chmodSync(folder, 0o711);
    const checkout = join(folder, "checkout");
    await during("a checkout with two releases", () => makeReleases(checkout));
    const stack = await layOutStack({
      checkout,
      stateDir: join(checkout, ".elk-os"),
      cacheDir: linkCache(loadConfig({ checkout: CHECKOUT }).value.cacheDir, join(folder, "cache")).path,
      environment: { ELK_OS_DRIVER: driver },
    });
    try {
      return await work(stack);
    } finally {
      await during("taking the stack away", () => clearStack(stack));
    }
  } finally {
    await during("removing the checkout", () => rmSync(folder, { recursive: true, force: true }));
  }
}

function makeReleases(folder: string): void {
  makeReleasedCheckout(folder, currentIdentity()).release(NEXT, SOUND_RELEASE);
}
