import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { REASON_RULES } from "./rag-health.ts";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

test("every reason that search can name is in the manual, and doctor has a rule for it", () => {
  const table = /\| reason \|[\s\S]*?\n\n/.exec(read("docs/rag.md"))?.[0] ?? "";
  const documented = table.split("\n").flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)]);
  const names = documented.map(([, name]) => name).sort();
  expect(Object.keys(REASON_RULES).sort()).toEqual(names);
  const union = /export type Degradation =([\s\S]*?);/.exec(read("rag/src/library-state.ts"))?.[1] ?? "";
  const named = [...union.matchAll(/"(\w+)"/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !names.includes(name))).toEqual([]);
});
