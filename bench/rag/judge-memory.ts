/** What only the memory set can say: answers among the first five, exact ids, and what was replaced. */
import { makeOwnEngine } from "../../rag/bench/contenders.ts";
import { during } from "../progress.ts";
import type { JudgedQuery, JudgedSet } from "./judged-set.ts";
import { measure } from "./measure.ts";
import type { AddRow } from "./rows.ts";

export async function judgeMemory({ documents, queries }: JudgedSet, add: AddRow<"memory">): Promise<void> {
  const rank = makeOwnEngine(documents).rank("auto");
  const of = (isMeant: (query: JudgedQuery) => boolean) => measure(queries.filter(isMeant), rank);
  const byClass: Record<string, object> = {};
  await during("memory-eval: its classes", async () => {
    for (const kind of new Set(queries.map((query) => query.kind))) {
      const { queries: asked, recall5, first, ndcg10 } = await of((query) => query.kind === kind);
      byClass[kind] = { asked, recall5, first, ndcg10 };
    }
  });
  const all = await of(() => true);
  add("recallAll", all.recall5, byClass);
  add("recallDev", (await of(({ split }) => split === "dev")).recall5, null);
  add("recallTest", (await of(({ split }) => split === "test")).recall5, null);
  const exact = await of(({ kind }) => kind === "exact-id");
  add("exactId", exact.queries === 0 ? null : exact.first, { asked: exact.queries });
  const pairs = queries.reduce((sum, { neverAbove }) => sum + neverAbove.length, 0);
  add("superseded", pairs === 0 ? null : all.obsoleteAbove, { pairs });
}
