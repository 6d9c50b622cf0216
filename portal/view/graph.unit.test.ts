import { describe, expect, it } from "vitest";
import { criticalPath, unblocksMost } from "./graph.ts";
import { type Edge, layOut } from "./graph-layout.ts";

const open = (...numbers: readonly number[]) => numbers.map((number) => ({ number, status: "ready" }));
const edges = (...pairs: readonly (readonly [number, number])[]): readonly Edge[] =>
  pairs.map(([from, to]) => ({ from, to }));

describe("a layout", () => {
  it("puts each task right of everything it waits for", () => {
    const links = edges([1, 2], [2, 4], [1, 3], [3, 4], [1, 4]);
    const layers = new Map(layOut([4, 3, 2, 1], links).map(({ id, layer }) => [id, layer]));
    for (const { from, to } of links) expect(layers.get(to)).toBeGreaterThan(layers.get(from) ?? 99);
  });

  it("gives no two tasks one place", () => {
    const links = edges([1, 5], [2, 5], [3, 6], [4, 6], [1, 6]);
    const places = layOut([1, 2, 3, 4, 5, 6], links).map(({ layer, row }) => `${layer} ${row}`);
    expect(new Set(places).size).toBe(6);
  });

  it("uncrosses what can be uncrossed", () => {
    const placed = layOut([1, 2, 3, 4], edges([1, 4], [2, 3]));
    const row = (id: number) => placed.find((place) => place.id === id)?.row;
    expect([row(1), row(2)]).toEqual([row(4), row(3)]);
  });

  it("draws a circle all the same, although the law allows none", () => {
    expect(layOut([1, 2, 3], edges([1, 2], [2, 1], [2, 3]))).toHaveLength(3);
  });
});

describe("what the graph says", () => {
  it("finds the longest chain of open tasks, and leaves verified ones out", () => {
    const tasks = [...open(1, 2, 3, 4), { number: 9, status: "done" }];
    expect(criticalPath(tasks, edges([9, 1], [1, 2], [2, 3], [1, 4]))).toEqual([1, 2, 3]);
  });

  it("knows no chain where nothing waits", () => {
    expect(criticalPath(open(1, 2), [])).toEqual([]);
  });

  it("counts what a task holds up over any number of steps, once each", () => {
    const holds = unblocksMost(open(1, 2, 3, 4), edges([1, 2], [1, 3], [2, 4], [3, 4]));
    expect(holds[0]).toEqual({ number: 1, direct: 2, all: 3 });
    expect(holds.map(({ number }) => number)).toEqual([1, 2, 3]);
  });
});
