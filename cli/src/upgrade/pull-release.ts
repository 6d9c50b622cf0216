import { copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../drivers/driver.ts";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { findByFolder } from "../host/process-table.ts";
import { runCommand } from "../host/run.ts";
import { runVisible } from "../host/run-visible.ts";
import { waitUntil } from "../host/wait.ts";
import type { Stack } from "../stack/stack.ts";
import { statePaths } from "../state/paths.ts";
import type { Checkout } from "./git-checkout.ts";
import { lendPackages } from "./lend-packages.ts";
import type { UpgradeRecord } from "./record.ts";

const UNPACK_TIMEOUT_MS = 120_000;
/** npm and Next go on for minutes when the elk-os that started them was killed. */
const OTHERS_AT_WORK = { timeoutMs: 10 * 60_000, intervalMs: 250 } as const;

/**
 * Everything that the release needs from elsewhere, while the board is in use and nothing of this checkout is touched: its files are unpacked
 * beside, its own launcher installs its packages there, and its own `elk-os stage` puts what its services run into the shared cache. So a
 * release whose packages cannot be had, or whose elk-os does not even start, ends here. The folder is gone afterwards.
 * @throws CliError UPGRADE_STOPPED
 */
export async function pullRelease(
  stack: Stack,
  checkout: Checkout,
  { to }: UpgradeRecord,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { paths, config } = stack;
  const folder = join(paths.release, "checkout");
  // Beside it: a state folder may not hold the checkout that it belongs to.
  const state = join(paths.release, "state");
  await waitForOthers(paths.release, progress, signal);
  rmSync(paths.release, { recursive: true, force: true });
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    progress(`unpacking ${to.version} (${to.commit.slice(0, 12)})`);
    const archive = join(paths.release, "release.tar");
    await checkout.archive(to.commit, archive);
    const unpack = { purpose: "The release could not be unpacked", timeoutMs: UNPACK_TIMEOUT_MS, signal };
    await runCommand(["tar", "-xf", archive, "-C", folder], unpack);
    rmSync(archive);
    await lendPackages(stack.checkout, folder, signal);
    lendSettings(stack, folder, state);
    progress(`staging what ${to.version} runs`);
    const exit = await runVisible([join(folder, "bin", "elk-os"), "stage"], {
      cwd: folder,
      environment: {
        ELK_OS_DRIVER: stack.driver.id,
        ELK_OS_STATE_DIR: state,
        ELK_OS_CACHE_DIR: config.cacheDir,
      },
      signal,
    });
    if (exit === EXIT.ok) return;
    throw new CliError("UPGRADE_STOPPED", {
      message: `elk-os stage of ${to.version} ended with ${exit}. Nothing was changed: ${stack.version} runs as before.`,
      hint: "Mend what it names above, and elk-os upgrade goes on; elk-os rollback gives the upgrade up.",
      facts: { exit },
    });
  } finally {
    rmSync(paths.release, { recursive: true, force: true });
  }
}

/** What a killed run left at work there would write into the new folder. */
async function waitForOthers(folder: string, progress: Progress, signal: AbortSignal): Promise<void> {
  const [first] = findByFolder([folder]);
  if (first === undefined) return;
  progress(`waiting for pid ${first.pid}, which an earlier run left at work`);
  if (await waitUntil(() => findByFolder([folder]).length === 0, { ...OTHERS_AT_WORK, signal })) return;
  throw new CliError("UPGRADE_STOPPED", {
    message: `What an earlier run had started still works in ${folder}, pid ${first.pid} at first.`,
    hint: "Wait for it or end it; then elk-os upgrade goes on.",
  });
}

/** The release reads its settings where its `up` will: recorded ones, of which it leaves those that it does not know, and `.env`. */
function lendSettings(stack: Stack, checkout: string, state: string): void {
  mkdirSync(state, { mode: 0o711 });
  const settings: readonly (readonly [string, string])[] = [
    [stack.paths.config, statePaths(state).config],
    [join(stack.checkout, ".env"), join(checkout, ".env")],
  ];
  for (const [from, to] of settings) if (existsSync(from)) copyFileSync(from, to);
}
