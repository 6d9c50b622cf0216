/** An upgrade of a real stack, and one that is undone, killed or out of disk in every step that the record names: nothing is lost, and it ends whole. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { loadConfig } from "../../cli/src/config/load.ts";
import { currentIdentity, isRoot } from "../../cli/src/host/users.ts";
import { linkCache } from "../support/linked-cache.ts";
import { makeReleasedCheckout, type ReleasedCheckout, releasePairs } from "../support/released-checkout.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";
import { CHECKOUT, raiseStack, type Stack } from "../support/stack.ts";
import { back, type Case, endsWhole, forward, KILLED, outOfDisk } from "../support/upgrade-harm.ts";

/** Enough for the budget that HOST-02 asks for. */
const DISK_BYTES = 6 * 1024 ** 3;
/** Less than a server's first files take. */
const LEFT_BYTES = 8 * 1024 * 1024;

let folder: string;
let disk: SmallDisk | null;
let checkout: ReleasedCheckout;
let stack: Stack;

const FULL = outOfDisk(() => disk, DISK_BYTES, LEFT_BYTES);
const CASES: readonly Case[] = [
  { harm: "killed with all that it had started", pair: 1, forward: forward(KILLED), back: back(KILLED) },
  { harm: "out of disk", pair: 2, forward: forward(FULL), back: back(FULL), isSkipped: !isRoot() },
];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "muster-upgrade-harm-"));
  disk = mountSmallDisk(folder, DISK_BYTES);
  // Services of a stack that root raises run as another user, who must walk through.
  chmodSync(folder, 0o711);
  checkout = makeReleasedCheckout(join(folder, "checkout"), currentIdentity());
  releasePairs(checkout, CASES.length);
  ({ stack } = await raiseStack({
    checkout: checkout.folder,
    stateDir: join(checkout.folder, ".elk-os"),
    cacheDir: linkCache(loadConfig({ checkout: CHECKOUT }).value.cacheDir, join(folder, "cache")).path,
  }));
});
afterAll(async () => {
  await stack?.dispose();
  disk?.unmount();
  rmSync(folder, { recursive: true, force: true });
});

for (const one of CASES) endsWhole(one, () => ({ stack, checkout }));
