/** What must hold on the memory set whatever else is tuned. The rest of its figures: bench/rag/bench.ts. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeOwnEngine } from "../../rag/bench/contenders.ts";
import { type JudgedQuery, readJudgedFolder } from "./judged-set.ts";
import { measure } from "./measure.ts";

const set = readJudgedFolder(join(import.meta.dirname, "memory-eval"));
const engine = makeOwnEngine(set.documents);
const exact = set.queries.filter(({ kind }) => kind === "exact-id");
const guarded = set.queries.filter(({ neverAbove }) => neverAbove.length > 0);

test("the set is whole: its classes, and questions with a pair that must not change places", () => {
  const kinds = new Set(set.queries.map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual([
    "cross-source",
    "error-string",
    "exact-id",
    "paraphrase",
    "superseded",
    "temporal",
  ]);
  expect([set.queries.length >= 200, set.documents.length >= 150]).toEqual([true, true]);
  expect([exact.length > 0, guarded.length > 0]).toEqual([true, true]);
});

describe.each(["lexical", "dense", "auto"] as const)("asked by %s", (mode) => {
  test("no obsolete document stands above the one that replaced it", async () => {
    expect((await measure(set.queries, engine.rank(mode))).obsoleteAbove).toBe(0);
  });

  // Likeness alone knows no ids: there what the question names is lifted into the first three, and that is all that is promised.
  const within = mode === "dense" ? 3 : 1;
  test(`a question for an exact id finds what it names at place ${within === 1 ? "one" : "three or before"}`, () => {
    const rank = engine.rank(mode);
    const isMissed = ({ text, relevant }: JudgedQuery) =>
      !rank(text, 10)
        .slice(0, within)
        .some((id) => relevant.has(id));
    expect(exact.filter(isMissed).map(({ text }) => text)).toEqual([]);
  });
});
