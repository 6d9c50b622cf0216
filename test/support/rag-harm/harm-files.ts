import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const HARMS = ["flip", "cut", "empty", "gone"] as const;
export type Harm = (typeof HARMS)[number];

/** Harms one file of a folder at random, as a bad disk or a torn write does; answers what it did, null when there was no file. */
export function harmOneFile(
  folder: string,
  random: () => number,
): { readonly file: string; readonly harm: Harm } | null {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name !== "lock" && statSync(join(folder, name)).isFile())
    .sort();
  // As many numbers each time, whatever is found: what follows in a campaign is the same on every machine.
  const [which, what, where, bit] = [random(), random(), random(), random()];
  const file = files[Math.floor(which * files.length)];
  const harm = HARMS[Math.floor(what * HARMS.length)] ?? "flip";
  if (file === undefined) return null;
  const path = join(folder, file);
  const { size } = statSync(path);
  if (harm === "gone") rmSync(path);
  else if (harm === "empty" || size === 0) truncateSync(path, 0);
  else if (harm === "cut") truncateSync(path, Math.floor(where * size));
  else {
    const bytes = readFileSync(path);
    const at = Math.floor(where * size);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(bit * 8));
    writeFileSync(path, bytes);
  }
  return { file, harm };
}
