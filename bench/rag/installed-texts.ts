import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchDocument } from "../../rag/bench/corpus.ts";

const MODULES = join(import.meta.dirname, "../../node_modules");
/** A change log of many years would be most of the set. */
const MOST_CHARS = 100_000;

/**
 * The Markdown that the installed packages bring: prose by hundreds of authors, fixed by the lock, nothing of it kept here. In the order of its
 * paths; at most `files`, taken evenly from all.
 */
export function readInstalledTexts(files: number): readonly BenchDocument[] {
  const all = readdirSync(MODULES, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .sort();
  const every = Math.max(1, all.length / files);
  const taken = all.filter((_, n) => Math.floor(n / every) !== Math.floor((n - 1) / every));
  return taken.map((name, n) => ({
    id: String(n),
    title: name,
    text: readFileSync(join(MODULES, name), "utf8").slice(0, MOST_CHARS),
  }));
}
