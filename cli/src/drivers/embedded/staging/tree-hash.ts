import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Never part of what a service is made of: installed, built or only for tests. */
const LEFT_OUT_NAMES = new Set(["node_modules", ".next", ".git", "next-env.d.ts"]);
const LEFT_OUT_SUFFIXES = [".test.ts", ".test.tsx", ".tsbuildinfo"];

export function isSource(name: string): boolean {
  return !LEFT_OUT_NAMES.has(name) && !LEFT_OUT_SUFFIXES.some((suffix) => name.endsWith(suffix));
}

/** SHA-256 (hex) over parts; each is preceded by its length, so that no part runs into the next. */
export function digestOf(parts: readonly (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}\n`).update(part);
  return hash.digest("hex");
}

/** Digest of names and contents of files and folders below `root`; a path that does not exist counts as empty. */
export function hashTree(root: string, paths: readonly string[]): string {
  return digestOf(paths.flatMap((path) => [path, ...contentOf(join(root, path))]));
}

function contentOf(path: string): readonly (string | Buffer)[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isDirectory()) return [readFileSync(path)];
  return readdirSync(path)
    .filter(isSource)
    .sort()
    .flatMap((name) => [name, ...contentOf(join(path, name))]);
}
