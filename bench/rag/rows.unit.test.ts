import { expect, test } from "vitest";
import { GOALS, goalsOf, PART_NAMES } from "./goals.ts";
import { page } from "./page.ts";
import { inOrder, missingRows, type Row, rowOf } from "./rows.ts";

const here = { commit: "abc1234", load: 0.1, isAskedForm: true };
const verdictOf = (part: Parameters<typeof rowOf>[0], id: string, value: number | null, limit?: number) =>
  rowOf(part, id, { value, detail: null, ...(limit === undefined ? {} : { limit }) }, here).verdict;

test("a floor is met at the floor, missed right below it, and an aim is named where it is reached", () => {
  expect(verdictOf("memory", "recallAll", 0.92)).toBe("met");
  expect(verdictOf("memory", "recallAll", 0.9199)).toBe("missed");
  expect(verdictOf("memory", "recallAll", 0.96)).toBe("aim met");
  expect(verdictOf("service", "memory", 230)).toBe("met");
  expect(verdictOf("service", "memory", 230.1)).toBe("missed");
  expect(verdictOf("service", "memory", 170)).toBe("aim met");
  expect(verdictOf("memory", "superseded", 1)).toBe("missed");
});

test("a rival's figure of the same run is the floor: as good is enough for words alone, and not where the goal is to be ahead", () => {
  expect(verdictOf("cranfield", "words", 0.4, 0.4)).toBe("met");
  expect(verdictOf("cranfield", "words", 0.41, 0.4)).toBe("aim met");
  expect(verdictOf("cranfield", "words", 0.3999, 0.4)).toBe("missed");
  expect(verdictOf("cranfield", "ahead", 0.4, 0.4)).toBe("missed");
  expect(verdictOf("cranfield", "ahead", 0.4001, 0.4)).toBe("met");
  expect(() => verdictOf("cranfield", "words", 0.4)).toThrow("judged by a rival's figure");
});

test("what nobody measured is no zero and no success", () => {
  expect(verdictOf("service", "bulk", null)).toBe("not measured");
  expect(verdictOf("service", "bulk", Number.NaN)).toBe("not measured");
  expect(verdictOf("cranfield", "words", null)).toBe("not measured");
  const tried = rowOf("service", "bulk", { value: 1, detail: null }, { ...here, isAskedForm: false });
  expect(tried.verdict).toBe("not the asked form");
  expect(() => verdictOf("cold", "bulk", 1)).toThrow("cold has no goal bulk");
});

test("each part that broke has a row for each of its goals, with the reason", () => {
  const measured = rowOf("cold", "words", { value: 3, detail: null }, here);
  const missing = missingRows("cold", [measured], "no such file", here);
  expect(missing).toMatchObject([{ id: "whole", verdict: "not measured", detail: "no such file" }]);
  for (const part of PART_NAMES)
    expect(missingRows(part, [], "broke", here).map(({ id }) => id)).toEqual(Object.keys(goalsOf(part)));
});

test("the page names every floor with its value, in the order of the goals, and what stands beside it", () => {
  const rows: readonly Row[] = PART_NAMES.flatMap((part) => missingRows(part, [], "broke", here)).toReversed();
  const [first] = inOrder(rows);
  expect([first?.part, first?.id]).toEqual(["cranfield", "words"]);
  const facts = {
    at: "2026-11-30T08:00:00.000Z",
    commit: "abc1234",
    hasChanges: true,
    machine: { cpu: "one", cores: 2, memoryMb: 4_096, kernel: "6", node: "v24" },
    loadBefore: 0.2,
  };
  const said = page({ ...facts, form: "quick", sizes: { chunks: 20_000 }, rows });
  const metrics = PART_NAMES.flatMap((part) => Object.values(GOALS[part]).map(({ metric }) => metric));
  expect(metrics.filter((metric) => !said.includes(`| ${metric} |`))).toEqual([]);
  expect(new Set(metrics).size).toBe(metrics.length);
  expect(said).toContain("commit abc1234 **with changes**; 2 × one, 4 GiB");
  expect(said).toContain("| – | ≤ 230 | 170 | **not measured** | abc1234, 0.1 |");
});
