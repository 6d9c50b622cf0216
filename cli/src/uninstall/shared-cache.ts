import { join } from "node:path";
import { findUser, otherUsers } from "../drivers/embedded/staging/cache-users.ts";
import { CliError } from "../errors/cli-error.ts";
import { findByFolder, findRunningFrom } from "../host/process-table.ts";
import type { Stack } from "../stack/stack.ts";
import { findInstance } from "../state/instance.ts";

type Place = Pick<Stack, "config" | "paths">;

/** What in the cache this instance recorded as used: folders that only it uses, and shared ones with who else does. */
export interface CacheShare {
  readonly own: readonly string[];
  readonly shared: readonly { readonly path: string; readonly by: string }[];
}

/** The entries that this instance put or found in the cache, by what other instances recorded and by what runs now. */
export function cacheShare({ config, paths }: Place): CacheShare {
  const instanceId = findInstance(paths.instance)?.instanceId ?? null;
  const mine = instanceId === null ? [] : (findUser(config.cacheDir, instanceId)?.entries ?? []);
  const others = otherUsers(config.cacheDir, instanceId);
  const judged = mine.map((entry) => {
    const path = join(config.cacheDir, entry);
    const user = others.find(({ entries }) => entries.includes(entry));
    return { path, by: user?.stateDir ?? strangerFrom(path, { paths }) };
  });
  return {
    own: judged.filter(({ by }) => by === null).map(({ path }) => path),
    shared: judged.flatMap(({ path, by }) => (by === null ? [] : [{ path, by }])),
  };
}

/** @throws CliError DESTRUCTIVE_REFUSED when another instance uses the cache */
export function assertCacheUnshared({ config, paths }: Place): void {
  const instanceId = findInstance(paths.instance)?.instanceId ?? null;
  const by = otherUsers(config.cacheDir, instanceId)[0]?.stateDir ?? strangerFrom(config.cacheDir, { paths });
  if (by === null) return;
  throw new CliError("DESTRUCTIVE_REFUSED", {
    message: `The cache ${config.cacheDir} is in use by ${by}; deleting it would break that.`,
    hint: "Uninstall or stop that first, or keep the cache: uninstall --keep-cache, or reset without --cache.",
    facts: { cacheDir: config.cacheDir, by },
  });
}

/** A process that is none of ours and runs from there: an instance of before uses were recorded, or another elk-os at work. */
function strangerFrom(folder: string, { paths }: Pick<Stack, "paths">): string | null {
  const ours = new Set(findByFolder([paths.run, paths.data]).map(({ pid }) => pid));
  const stranger = findRunningFrom(folder).find(({ pid }) => !ours.has(pid));
  return stranger === undefined ? null : `process ${stranger.pid} (${stranger.argv.slice(0, 3).join(" ")})`;
}
