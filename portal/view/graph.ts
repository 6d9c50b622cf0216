/** What the dependencies say: the longest chain of open tasks, and how much each task holds up. Pure. */
import { type Edge, inOrder, neighboursOf } from "./graph-layout.ts";

export interface GraphTask {
  readonly number: number;
  readonly status: string;
}

const CLOSED = new Set(["done", "cancelled"]);
export const isOpen = ({ status }: Pick<GraphTask, "status">): boolean => !CLOSED.has(status);

/** The longest chain of open tasks, first to be done first; the smallest numbers where several are as long. Empty without an edge. */
export function criticalPath(tasks: readonly GraphTask[], edges: readonly Edge[]): readonly number[] {
  const ids = tasks.filter(isOpen).map(({ number }) => number);
  const neighbours = neighboursOf(ids, edges);
  const length = new Map<number, number>();
  const previous = new Map<number, number>();
  for (const id of inOrder(ids, neighbours)) {
    let best = 0;
    for (const before of neighbours.before.get(id) ?? []) {
      const own = length.get(before) ?? 0;
      if (own > best) {
        best = own;
        previous.set(id, before);
      }
    }
    length.set(id, best + 1);
  }
  const end = [...length.entries()].toSorted((a, b) => b[1] - a[1] || a[0] - b[0])[0];
  if (end === undefined || end[1] < 2) return [];
  const path: number[] = [];
  for (let at: number | undefined = end[0]; at !== undefined && path.length <= ids.length; at = previous.get(at)) {
    path.unshift(at);
  }
  return path;
}

export interface Hold {
  readonly number: number;
  /** Open tasks that wait for it directly. */
  readonly direct: number;
  /** Open tasks that cannot be done before it, over any number of steps. */
  readonly all: number;
}

/** Open tasks that hold up others, the most first. */
export function unblocksMost(tasks: readonly GraphTask[], edges: readonly Edge[]): readonly Hold[] {
  const ids = tasks.filter(isOpen).map(({ number }) => number);
  const { after } = neighboursOf(ids, edges);
  return ids
    .map((number) => ({ number, direct: after.get(number)?.length ?? 0, all: reach([number], after).size - 1 }))
    .filter(({ all }) => all > 0)
    .toSorted((a, b) => b.all - a.all || b.direct - a.direct || a.number - b.number);
}

function reach(start: readonly number[], side: ReadonlyMap<number, readonly number[]>): ReadonlySet<number> {
  const seen = new Set(start);
  const open = [...start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const next of side.get(at) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return seen;
}
