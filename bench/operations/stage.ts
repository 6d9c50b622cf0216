/** A checkout with two releases, and a Muster of its own that runs from it; nothing of either is left. */
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../cli/src/config/load.ts";
import type { DriverId } from "../../cli/src/drivers/driver.ts";
import { currentIdentity } from "../../cli/src/host/users.ts";
import { linkCache } from "../../test/support/linked-cache.ts";
import { makeReleasedCheckout, SOUND_RELEASE } from "../../test/support/released-checkout.ts";
import { CHECKOUT, layOutStack, type Stack } from "../../test/support/stack.ts";
import { during } from "../progress.ts";

/** The release that can be gone to from what is checked out. */
export const NEXT = "v0.2.0";
const VERB_MS = 10 * 60_000;

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
      await during("taking the stack away", () => clear(stack));
    }
  } finally {
    await during("removing the checkout", () => rmSync(folder, { recursive: true, force: true }));
  }
}

function makeReleases(folder: string): void {
  makeReleasedCheckout(folder, currentIdentity()).release(NEXT, SOUND_RELEASE);
}

/** `down` keeps an engine's volumes; only `reset` erases them. @throws Error naming what is left */
async function clear(stack: Stack): Promise<void> {
  try {
    if (!existsSync(stack.stateDir)) return;
    const { exit, stdout, stderr } = await stack.run(["reset", "--yes", "--json"], { timeoutMs: VERB_MS });
    if (exit !== 0) throw new Error(`elk-os reset ended with ${exit}: ${stdout}${stderr}`);
  } finally {
    await stack.dispose();
  }
}
