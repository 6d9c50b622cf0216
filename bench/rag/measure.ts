import type { JudgedQuery } from "./judged-set.ts";

/** What every contender of a comparison is: a question in, documents out, best first, each once. */
export type Ranker = (query: string, limit: number) => readonly string[] | Promise<readonly string[]>;

export interface Quality {
  readonly queries: number;
  readonly ndcg10: number;
  readonly recall5: number;
  readonly mrr10: number;
  readonly recall100: number;
  /** Share of questions whose first document is an answer. */
  readonly first: number;
  /** Pairs in which an obsolete document stood above the one that replaced it. */
  readonly obsoleteAbove: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

const DEPTH = 100;

/** Asks every question once and scores the answers. Grades are used as they stand in nDCG; Cranfield's are all 1. */
export async function measure(queries: readonly JudgedQuery[], rank: Ranker): Promise<Quality> {
  const sums = { ndcg10: 0, recall5: 0, mrr10: 0, recall100: 0, first: 0 };
  let obsoleteAbove = 0;
  const times: number[] = [];
  for (const query of queries) {
    const startedMs = performance.now();
    const found = await rank(query.text, DEPTH);
    times.push(performance.now() - startedMs);
    const grade = (id: string | undefined): number => query.relevant.get(id ?? "") ?? 0;
    const gains = found.slice(0, 10).map(grade);
    const ideal = [...query.relevant.values()].sort((a, b) => b - a).slice(0, 10);
    sums.ndcg10 += discounted(gains) / discounted(ideal);
    sums.recall5 += countIn(found.slice(0, 5), query) / Math.min(5, query.relevant.size);
    sums.recall100 += countIn(found, query) / query.relevant.size;
    const firstAt = gains.findIndex((gain) => gain > 0);
    sums.mrr10 += firstAt < 0 ? 0 : 1 / (firstAt + 1);
    sums.first += grade(found[0]) > 0 ? 1 : 0;
    for (const [valid, obsolete] of query.neverAbove) {
      const at = found.indexOf(obsolete);
      if (at >= 0 && !found.slice(0, at).includes(valid)) obsoleteAbove += 1;
    }
  }
  const mean = (sum: number): number => round(sum / Math.max(1, queries.length));
  return {
    queries: queries.length,
    ndcg10: mean(sums.ndcg10),
    recall5: mean(sums.recall5),
    mrr10: mean(sums.mrr10),
    recall100: mean(sums.recall100),
    first: mean(sums.first),
    obsoleteAbove,
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
  };
}

/** Rounds in which every contender answers every question in its turn, so that a busy moment hits all: the first let the machine get to know the code. */
const ROUNDS = { warm: 3, timed: 5 } as const;

/** Milliseconds for an answer of ten, by contender: what a caller waits for. */
export async function timeTen(
  queries: readonly JudgedQuery[],
  contenders: Readonly<Record<string, Ranker>>,
): Promise<Readonly<Record<string, { readonly p50Ms: number; readonly p95Ms: number }>>> {
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS.warm + ROUNDS.timed; round++)
    for (const [name, rank] of Object.entries(contenders))
      for (const { text } of queries) {
        const startedMs = performance.now();
        await rank(text, 10);
        if (round >= ROUNDS.warm) times[name]?.push(performance.now() - startedMs);
      }
  return Object.fromEntries(
    Object.entries(times).map(([name, all]) => [name, { p50Ms: quantile(all, 0.5), p95Ms: quantile(all, 0.95) }]),
  );
}

/** NaN of nothing: no figure is better than a good one that nobody measured. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN);
}

function countIn(found: readonly string[], query: JudgedQuery): number {
  return found.filter((id) => query.relevant.has(id)).length;
}

function discounted(gains: readonly number[]): number {
  return gains.reduce((sum, gain, index) => sum + gain / Math.log2(index + 2), 0);
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
