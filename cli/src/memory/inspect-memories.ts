import { posix } from "node:path";
import type { MemoryFile } from "./memory-folder.ts";

/** Something about the memories that a person should mend. */
export interface MemoryProblem {
  readonly kind: string;
  readonly name: string;
  readonly message: string;
}

/** Two memories that share this much of their words say the same. */
const ALIKE = 0.6;
/** An index line is read at every session's start. */
const MAX_INDEX_LINE = 200;
const RELATIVE_DATE = /\b(yesterday|tomorrow|last (week|month|year)|next (week|month|year)|a (week|month) ago)\b/i;
const STOP = new Set(
  "a an and are as at be by for from has in is it its not of on or that the this to was with".split(" "),
);

/** Memories that contradict each other's standing: replaced twice, in a circle, by nothing that exists, or nearly the same. Pure. */
export function findConflicts(memories: readonly MemoryFile[]): readonly MemoryProblem[] {
  const names = new Set(memories.map(({ name }) => name));
  const problems: MemoryProblem[] = [];
  const successor = new Map<string, string>();
  for (const { name, supersedes } of memories) {
    for (const given of supersedes) {
      const old = resolveName(given, name, names);
      if (old === null)
        problems.push({ kind: "supersedes_nothing", name, message: `supersedes ${given}, which is not there` });
      else if (successor.has(old)) {
        problems.push({
          kind: "superseded_twice",
          name: old,
          message: `is superseded by ${successor.get(old)} and by ${name}`,
        });
      } else successor.set(old, name);
    }
  }
  for (const start of successor.keys()) {
    const seen = new Set<string>();
    let at: string | undefined = start;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      at = successor.get(at);
    }
    if (at === start) problems.push({ kind: "circle", name: start, message: "is superseded by what it supersedes" });
  }
  const words = memories.map(({ name, title, body }) => ({ name, set: wordsOf(`${title ?? ""} ${body}`) }));
  words.forEach((a, index) => {
    for (const b of words.slice(index + 1)) {
      const related = successor.get(a.name) === b.name || successor.get(b.name) === a.name;
      const likeness = related ? 0 : likenessOf(a.set, b.set);
      if (likeness >= ALIKE) {
        problems.push({
          kind: "nearly_same",
          name: a.name,
          message: `says nearly the same as ${b.name} (${Math.round(likeness * 100)} % of words)`,
        });
      }
    }
  });
  return problems;
}

/** What makes memories hard to find or to trust: form, index lines, dead links, dates that mean nothing later. Pure. */
export function lintMemories(memories: readonly MemoryFile[], index: string | null): readonly MemoryProblem[] {
  const problems: MemoryProblem[] = [];
  const names = new Set(memories.map(({ name }) => name));
  const indexed = (index ?? "").split("\n").filter((line) => line.startsWith("- ["));
  for (const { name, title, body } of memories) {
    const note = (kind: string, message: string) => problems.push({ kind, name, message });
    if (title === null) note("no_title", "has no line `# Title`");
    if (body === "") note("empty", "has no text");
    if (!name.includes("/") && !indexed.some((line) => line.includes(`](${name})`)))
      note("not_in_index", "has no line in README.md");
    const relative = RELATIVE_DATE.exec(body)?.[0];
    if (relative !== undefined) note("relative_date", `says "${relative}": write the date`);
    for (const [, link = ""] of body.matchAll(/\]\(([^):#\s]+\.md)[^)]*\)/g)) {
      if (resolveName(link, name, names) === null) note("dead_link", `links to ${link}, which is not there`);
    }
  }
  for (const line of indexed) {
    const name = /\]\(([^)]+)\)/.exec(line)?.[1] ?? "";
    if (!names.has(name))
      problems.push({ kind: "dead_index_line", name, message: "README.md names it, and it is not there" });
    if (line.length > MAX_INDEX_LINE)
      problems.push({ kind: "long_index_line", name, message: `its line in README.md has ${line.length} characters` });
  }
  return problems;
}

function resolveName(given: string, from: string, names: ReadonlySet<string>): string | null {
  const withEnding = given.endsWith(".md") ? given : `${given}.md`;
  const tries = [withEnding.replace(/^memory\//, ""), posix.join(posix.dirname(from), withEnding)];
  return tries.find((one) => names.has(one)) ?? null;
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set((text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? []).filter((word) => !STOP.has(word)));
}

function likenessOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((word) => b.has(word)).length;
  return shared / (a.size + b.size - shared || 1);
}
