import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { CliError } from "../errors/cli-error.ts";
import type { StatePaths } from "./paths.ts";

/** A wrong --state-dir must not cost somebody their home. @throws CliError DESTRUCTIVE_REFUSED */
export function assertStateFolder(paths: StatePaths, cacheDir: string): void {
  // The last is all that a reset leaves beside the cache.
  if ([paths.journal, paths.instance, paths.placed].some((mark) => existsSync(mark))) return;
  const stranger = readdirSync(paths.root).find(
    (name) => join(paths.root, name) !== paths.lock && !contains(join(paths.root, name), cacheDir),
  );
  if (stranger === undefined) return;
  throw new CliError("DESTRUCTIVE_REFUSED", {
    message: `${paths.root} has neither a journal nor an instance.json, but it has "${stranger}": it is no state folder.`,
    hint: "Name the right folder with --state-dir, or delete this one by hand.",
  });
}

/**
 * What may be deleted of the state folder, in order: everything but the lock, which the caller holds, and what is or holds something to keep.
 * The marks of a state folder come last, so that a run that was cut short can be run again.
 */
export function erasable(paths: StatePaths, keep: readonly string[]): readonly string[] {
  const marks = [paths.instance, paths.journal];
  return readdirSync(paths.root)
    .map((name) => join(paths.root, name))
    .filter((path) => path !== paths.lock && !keep.some((kept) => contains(path, kept)))
    .sort((a, b) => marks.indexOf(a) - marks.indexOf(b));
}

/** Deletes each of them; a first refusal of the system ends it. */
export function erase(entries: readonly string[]): void {
  for (const path of entries) rmSync(path, { recursive: true, force: true });
}

/** Is the path the folder, or below it? */
export function contains(folder: string, path: string): boolean {
  return resolve(path) === folder || resolve(path).startsWith(`${folder}/`);
}
