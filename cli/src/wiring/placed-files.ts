/** What `wire --into` wrote into folders outside the state folder, so that `uninstall` can take exactly that out again. */
import { existsSync, readFileSync, rmdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { CliError } from "../errors/cli-error.ts";
import { writeFileAtomic } from "../state/write-file-atomic.ts";
import { merge } from "./place-client-files.ts";
import type { WiredFile } from "./wired-files.ts";

const object = z.record(z.string(), z.unknown());
/** By absolute path: of a JSON file the entries that we added, of another file its whole text. */
const recordSchema = z.record(z.string(), z.union([object, z.string()]));
export type PlacedFiles = z.infer<typeof recordSchema>;

/** A key of a document and the entries below it: a server, a setting. What is in an entry belongs together. */
const ENTRY_DEPTH = 2;

/** What became of a file: it is gone, it holds only others' entries, or it is left for the reason named. */
export interface Removal {
  readonly path: string;
  readonly outcome: "removed" | "cleaned" | "left";
  readonly why: string;
}

/** @throws CliError STATE_UNREADABLE when the record is damaged */
export function readPlaced(record: string): PlacedFiles {
  if (!existsSync(record)) return {};
  try {
    return recordSchema.parse(JSON.parse(readFileSync(record, "utf8")));
  } catch (cause) {
    throw new CliError("STATE_UNREADABLE", {
      message: `${record} is damaged, so nobody can say which client files elk-os wrote elsewhere.`,
      hint: "Delete it, and remove the client files in your project folders by hand.",
      cause,
    });
  }
}

/** Notes what is about to be written, before it is: a kill between the two leaves a note of nothing, not a file of nobody. */
export function recordPlaced(record: string, files: readonly WiredFile[]): void {
  const known = readPlaced(record);
  const noted = files.map(({ path, text }): [string, PlacedFiles[string]] => {
    if (!path.endsWith(".json")) return [path, text];
    const before = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
    const added = subtract(JSON.parse(text), before) ?? {};
    return [path, object.parse(merge(known[path] ?? {}, added))];
  });
  writeFileAtomic(record, `${JSON.stringify({ ...known, ...Object.fromEntries(noted) }, null, 2)}\n`, 0o600);
}

/** Takes out of each file what we put in. What was changed since stays, and so does all that is others'. */
export function removePlaced(placed: PlacedFiles): readonly Removal[] {
  return Object.entries(placed)
    .filter(([path]) => existsSync(path))
    .map(([path, ours]) => removeOne(path, ours));
}

function removeOne(path: string, ours: PlacedFiles[string]): Removal {
  const present = readFileSync(path, "utf8");
  if (typeof ours === "string") {
    return present === ours
      ? remove(path)
      : { path, outcome: "left", why: "it was changed after elk-os wrote it, so it is yours" };
  }
  const parsed = object.safeParse(parseOrNull(present));
  if (!parsed.success) return { path, outcome: "left", why: "it is no JSON object any more, so it is yours" };
  const rest = subtract(parsed.data, ours);
  if (rest === undefined) return remove(path);
  if (isDeepStrictEqual(rest, parsed.data))
    return { path, outcome: "left", why: "nothing in it is of elk-os any more" };
  writeFileAtomic(path, `${JSON.stringify(rest, null, 2)}\n`, statSync(path).mode & 0o777);
  return { path, outcome: "cleaned", why: "the entries of others stay" };
}

function remove(path: string): Removal {
  rmSync(path);
  removeIfEmpty(dirname(path));
  return { path, outcome: "removed", why: "elk-os wrote all of it" };
}

/** `.claude` is made for its one file; the project's own folder is never touched. */
function removeIfEmpty(folder: string): void {
  if (!basename(folder).startsWith(".")) return;
  try {
    rmdirSync(folder);
  } catch {
    // It holds something of somebody else's.
  }
}

/** What is in `present` beyond `ours`; undefined when that is nothing. Down to entries, which are equal or not. Pure. */
export function subtract(present: unknown, ours: unknown, depth = ENTRY_DEPTH): unknown {
  if (Array.isArray(present) && Array.isArray(ours)) {
    const rest = present.filter((item) => !ours.some((other) => isDeepStrictEqual(item, other)));
    return rest.length === 0 ? undefined : rest;
  }
  const [left, right] = [object.safeParse(present), object.safeParse(ours)];
  if (depth === 0 || !left.success || !right.success) return isDeepStrictEqual(present, ours) ? undefined : present;
  const rest = Object.entries(left.data)
    .map(([key, value]) => [key, key in right.data ? subtract(value, right.data[key], depth - 1) : value])
    .filter(([, value]) => value !== undefined);
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses null.
    return null;
  }
}
