/** Which instances use a cache and what of it, so that none deletes what another one runs from. */
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { CliError } from "../../../errors/cli-error.ts";
import { ensureDir } from "../../../host/files.ts";
import type { Stack } from "../../../stack/stack.ts";
import { findInstance } from "../../../state/instance.ts";
import { statePaths } from "../../../state/paths.ts";
import { writeFileAtomic } from "../../../state/write-file-atomic.ts";
import { type CacheEntry, entryPath } from "./cache-entry.ts";

const userSchema = z.strictObject({
  instanceId: z.uuid(),
  stateDir: z.string(),
  /** Names of folders in the cache. */
  entries: z.array(z.string().regex(/^[a-z0-9][\w.-]*$/i)),
});
export type CacheUser = z.infer<typeof userSchema>;

const recordsOf = (cacheDir: string) => join(cacheDir, "users");
const recordOf = (cacheDir: string, instanceId: string) => join(recordsOf(cacheDir), `${instanceId}.json`);

/** Adds the entries (paths in the cache) to what the instance uses. Does nothing where the cache belongs to another user. */
export function recordUse(
  cacheDir: string,
  user: Pick<CacheUser, "instanceId" | "stateDir">,
  entries: readonly string[],
): void {
  const known = findUser(cacheDir, user.instanceId);
  const all = [...new Set([...(known?.entries ?? []), ...entries.map((entry) => basename(entry))])].sort();
  if (known?.stateDir === user.stateDir && all.length === known.entries.length) return;
  try {
    ensureDir(recordsOf(cacheDir), { mode: 0o755, owner: null });
    writeFileAtomic(
      recordOf(cacheDir, user.instanceId),
      `${JSON.stringify({ ...user, entries: all }, null, 2)}\n`,
      0o644,
    );
  } catch (error) {
    if (!isCode(error, ["EACCES", "EPERM", "EROFS"])) throw error;
  }
}

/** The same for an instance and the entries that it is about to stage. */
export function recordEntries(
  { config, paths }: Pick<Stack, "config" | "paths">,
  entries: readonly CacheEntry[],
): void {
  const instanceId = findInstance(paths.instance)?.instanceId;
  if (instanceId === undefined || entries.length === 0) return;
  const used = entries.map((entry) => entryPath(config.cacheDir, entry));
  recordUse(config.cacheDir, { instanceId, stateDir: paths.root }, used);
}

/** What the instance recorded; null when it never used the cache. @throws CliError STATE_UNREADABLE */
export function findUser(cacheDir: string, instanceId: string): CacheUser | null {
  const path = recordOf(cacheDir, instanceId);
  if (!existsSync(path)) return null;
  try {
    return userSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new CliError("STATE_UNREADABLE", {
      message: `${path} is damaged, so nobody can say what of the cache that instance uses.`,
      hint: "If that instance is gone, delete the file; else run `elk-os up` for it after deleting it.",
      cause,
    });
  }
}

/** Every other instance that recorded its use and still exists; a record whose instance is gone counts for nothing. */
export function otherUsers(cacheDir: string, instanceId: string | null): readonly CacheUser[] {
  if (!existsSync(recordsOf(cacheDir))) return [];
  return readdirSync(recordsOf(cacheDir))
    .filter((name) => name.endsWith(".json"))
    .map((name) => findUser(cacheDir, basename(name, ".json")))
    .filter((user) => user !== null)
    .filter((user) => user.instanceId !== instanceId && exists(user));
}

export function forgetUse(cacheDir: string, instanceId: string): void {
  rmSync(recordOf(cacheDir, instanceId), { force: true });
}

/** A state folder that we may not look into is taken to be there. */
function exists({ instanceId, stateDir }: CacheUser): boolean {
  const { instance } = statePaths(stateDir);
  try {
    lstatSync(instance);
    return findInstance(instance)?.instanceId === instanceId;
  } catch (error) {
    return !isCode(error, ["ENOENT", "ENOTDIR"]);
  }
}

function isCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.some((code) => code === error.code);
}
