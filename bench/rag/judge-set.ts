/** The search beside its rivals on one judged set: quality, and the time of ten hits. */
import { makeMiniSearch, makeOwnEngine, type OwnEngine } from "../../rag/bench/contenders.ts";
import { makeFts5, makeOrama } from "../../rag/bench/rivals.ts";
import { during } from "../progress.ts";
import type { JudgedQuery, JudgedSet } from "./judged-set.ts";
import { measure, type Quality, type Ranker, timeTen } from "./measure.ts";
import type { AddSetRow } from "./rows.ts";

/** Each set up with care; one without stop words and stems is shown beside them and judges nothing. */
const RIVALS = ["minisearch", "orama", "fts5"] as const;
const MODES = ["lexical", "dense", "auto"] as const;
const SPLITS = { legAll: ["dev", "test"], legDev: ["dev"], legTest: ["test"] } as const;

/** Adds the rows that every set has. `name`: how it is called where progress is told. */
export async function judgeSet(name: string, set: JudgedSet, add: AddSetRow): Promise<void> {
  const { documents, queries } = set;
  const own = await during(`${name}: take in ${documents.length} documents`, () => makeOwnEngine(documents));
  const contenders: Readonly<Record<string, Ranker>> = await during(`${name}: the same for the rivals`, async () => ({
    lexical: own.rank("lexical"),
    dense: own.rank("dense"),
    auto: own.rank("auto"),
    minisearch: makeMiniSearch(documents, false),
    minisearchPlain: makeMiniSearch(documents, true),
    orama: await makeOrama(documents),
    fts5: makeFts5(documents),
  }));
  const quality: Record<string, Quality> = {};
  for (const [contender, rank] of Object.entries(contenders))
    quality[contender] = await during(`${name}: ${contender} answers ${queries.length} questions`, () =>
      measure(queries, rank),
    );
  const score = (contender: string): number => quality[contender]?.ndcg10 ?? Number.NaN;
  add("words", score("lexical"), quality, score("minisearch"));
  add("ahead", score("auto"), rivalsOf(score), Math.max(...RIVALS.map(score)));
  for (const [goal, splits] of Object.entries(SPLITS) as [keyof typeof SPLITS, readonly string[]][])
    await judgeLegs(
      goal,
      own,
      queries.filter(({ split }) => splits.includes(split)),
      add,
    );
  const times = await during(`${name}: the time of ten hits`, () => timeTen(queries, contenders));
  for (const share of ["p50", "p95"] as const) {
    const of = (contender: string): number => times[contender]?.[`${share}Ms`] ?? Number.NaN;
    add(share, of("auto") / Math.min(...RIVALS.map(of)), Object.fromEntries(Object.keys(times).map((c) => [c, of(c)])));
  }
}

function rivalsOf(score: (contender: string) => number): Readonly<Record<string, number>> {
  return Object.fromEntries(RIVALS.map((rival) => [rival, score(rival)]));
}

async function judgeLegs(
  goal: keyof typeof SPLITS,
  own: OwnEngine,
  queries: readonly JudgedQuery[],
  add: AddSetRow,
): Promise<void> {
  const found = await Promise.all(MODES.map(async (mode) => [mode, await measure(queries, own.rank(mode))] as const));
  const { lexical, dense, auto } = Object.fromEntries(found) as Record<(typeof MODES)[number], Quality>;
  const detail = { lexical: lexical.ndcg10, dense: dense.ndcg10, auto: auto.ndcg10, questions: queries.length };
  add(goal, queries.length === 0 ? null : auto.ndcg10 - Math.max(lexical.ndcg10, dense.ndcg10), detail);
}
