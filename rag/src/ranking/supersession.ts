import path from "node:path/posix";
import type { SourceDocument } from "../corpus/document.ts";

type Linked = Pick<SourceDocument, "path" | "meta">;

/** From the path of each document that was replaced to the path of what replaced it, chains followed to their end. */
export type Successors = ReadonlyMap<string, string>;

/**
 * Reads `supersedes` and `superseded_by` of all documents. A name may be a full path, a path beside the document, or lack its
 * `.md`. A name that leads nowhere is left out; a circle is cut where it closes. Pure.
 */
export function findSuccessors(documents: Iterable<Linked>): Successors {
  const all = new Map([...documents].map((document) => [document.path, document]));
  const next = new Map<string, string>();
  for (const document of all.values()) {
    for (const name of document.meta.supersedes) {
      const old = resolveName(name, document.path, all);
      if (old !== null && old !== document.path) next.set(old, document.path);
    }
    const by = document.meta.supersededBy;
    const successor = by === null ? null : resolveName(by, document.path, all);
    if (successor !== null && successor !== document.path) next.set(document.path, successor);
  }
  return new Map([...next.keys()].flatMap((from) => followChain(from, next)));
}

function followChain(from: string, next: ReadonlyMap<string, string>): [string, string][] {
  const seen = new Set([from]);
  let end = from;
  for (let step = next.get(end); step !== undefined && !seen.has(step); step = next.get(end)) {
    seen.add(step);
    end = step;
  }
  return end === from ? [] : [[from, end]];
}

function resolveName(name: string, from: string, all: ReadonlyMap<string, unknown>): string | null {
  const withEnding = name.endsWith(".md") ? name : `${name}.md`;
  const [root = ""] = from.split("/");
  const tries = [withEnding, path.join(path.dirname(from), withEnding), path.join(root, withEnding)];
  return tries.find((candidate) => all.has(candidate)) ?? null;
}

/**
 * Puts before each document that was replaced the one that replaced it. `find` gives the successor's own entry when the answer
 * lacks it; a successor that cannot be found removes nothing.
 */
export function putSuccessorsFirst<T>(
  entries: readonly T[],
  pathOf: (entry: T) => string,
  successors: Successors,
  find: (path: string, instead: T) => T | null,
): readonly T[] {
  const placed = new Set<T>();
  const placedPaths = new Set<string>();
  const result: T[] = [];
  const place = (entry: T): void => {
    if (placed.has(entry)) return;
    placed.add(entry);
    const successor = successors.get(pathOf(entry));
    if (successor !== undefined && !placedPaths.has(successor)) {
      const first = entries.find((candidate) => pathOf(candidate) === successor) ?? find(successor, entry);
      if (first !== null) place(first);
    }
    placedPaths.add(pathOf(entry));
    result.push(entry);
  };
  for (const entry of entries) place(entry);
  return result;
}
