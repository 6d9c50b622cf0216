import { existsSync, rmdirSync } from "node:fs";
import { forgetUse } from "../drivers/embedded/staging/cache-users.ts";
import { CliError } from "../errors/cli-error.ts";
import { listenersOn } from "../host/sockets.ts";
import { SERVICES } from "../services/index.ts";
import type { Stack } from "../stack/stack.ts";
import { contains, erase } from "../state/erase-state.ts";
import { findInstance } from "../state/instance.ts";
import { withLock } from "../state/lock.ts";
import { type Removal, removePlaced } from "../wiring/placed-files.ts";
import type { Item, UninstallPlan } from "./plan-uninstall.ts";

export interface PortState {
  readonly port: number;
  /** Null when nobody listens. */
  readonly holder: string | null;
}

export interface Uninstalled {
  readonly removed: readonly string[];
  readonly placed: readonly Removal[];
  readonly ports: readonly PortState[];
}

/**
 * Stops the instance, proves that nothing of it runs, deletes what the plan names, and looks again. Nothing is deleted while a process of the
 * instance lives: it would go on with files that nobody can see. May be run again wherever it was cut short.
 * @throws CliError UNINSTALL_INCOMPLETE naming everything that is left
 */
export async function carryOut(
  stack: Stack,
  plan: UninstallPlan,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<Uninstalled> {
  const { paths, config, driver } = stack;
  const faults: string[] = [];
  const attempt = (path: string, work: () => void) => {
    try {
      work();
    } catch (error) {
      faults.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const done = await withLock({ path: paths.lock, command: "uninstall" }, async () => {
    await driver.down(progress, signal);
    await driver.erase(progress, signal);
    assertNothingLeft(await driver.residue(signal), "Nothing was deleted.");
    const instanceId = findInstance(paths.instance)?.instanceId;
    const placed = removeEach(plan, attempt);
    const goes = ({ path }: Item) => attempt(path, () => erase([path]));
    for (const item of plan.cache) goes(item);
    if (instanceId !== undefined && !contains(paths.root, config.cacheDir)) forgetUse(config.cacheDir, instanceId);
    // A client file that could not be mended is found again by its record, so the state folder must not go before it.
    if (faults.length === 0) for (const item of plan.state) goes(item);
    return placed;
  });
  if (plan.isWhole && faults.length === 0) attempt(paths.root, () => rmdirSync(paths.root));
  const planned = [...plan.cache, ...plan.state].map(({ path }) => path);
  assertNothingLeft(
    [
      ...(await driver.residue(signal)),
      ...faults,
      ...planned.filter((path) => existsSync(path)).map((path) => `file ${path}`),
    ],
    "The rest was deleted.",
  );
  return {
    removed: planned,
    placed: done,
    ports: SERVICES.map(({ portKey }) => ({ port: config[portKey], holder: holderOf(config[portKey]) })),
  };
}

function removeEach(plan: UninstallPlan, attempt: (path: string, work: () => void) => void): readonly Removal[] {
  const removals: Removal[] = [];
  for (const [path, ours] of Object.entries(plan.placed))
    attempt(path, () => void removals.push(...removePlaced({ [path]: ours })));
  return removals;
}

function assertNothingLeft(left: readonly string[], rest: string): void {
  if (left.length === 0) return;
  throw new CliError("UNINSTALL_INCOMPLETE", {
    message: `Still there: ${left.join("; ")}. ${rest}`,
    hint: "Stop or remove what is named, then run `elk-os uninstall` again.",
    facts: { left },
  });
}

/** Whoever listens there now is none of ours: that was looked at before. */
function holderOf(port: number): string | null {
  const listener = listenersOn(port)[0];
  if (listener === undefined) return null;
  const owner = listener.owners[0];
  return owner === undefined ? `a process of uid ${listener.uid}` : `pid ${owner.pid} ${owner.exe ?? ""}`.trim();
}
