/** Random commands on the real law and on a model of it: they agree on every answer and every row, and disagree as soon as the law is broken. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LawFixture, makeLawFixture } from "../../test/support/law-fixture.ts";
import { startPostgres, type TestPostgres } from "../../test/support/postgres.ts";
import { checkHistory } from "../src/history/check-history.ts";
import { collectHistory } from "../src/history/collect-history.ts";
import { commands, play } from "./board-model.ts";

/** Each run has a board of its own and takes about half a second on two idle cores. */
const RUNS = 15;
/** One run finds a broken law in one case of three or four; the first that does is the last. */
const RUNS_OF_MUTANT = 150;
const LENGTH = 40;

/** [function, text in it, text instead] */
type Mutant = readonly [name: string, from: string, to: string];

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

async function breakLaw(law: LawFixture, [name, from, to]: Mutant): Promise<void> {
  const [row] = await law.rows("select pg_get_functiondef(p.oid) as source from pg_proc p where p.proname = $1", [
    name,
  ]);
  const source = String(row?.["source"]);
  if (!source.includes(from)) throw new Error(`${name} does not contain: ${from}`);
  await law.admin.query(source.replaceAll(from, to));
}

/** Up to so many boards, each with commands of its own; ends with the first on which law and model differ. */
function compare(mutant: Mutant | null, numRuns: number) {
  const property = fc.asyncProperty(commands(LENGTH), async (given) => {
    const law = await makeLawFixture(postgres);
    try {
      await law.admin.query("select muster.set_config('lock_delay_seconds', '0')");
      if (mutant !== null) await breakLaw(law, mutant);
      await play(law, given);
      const board = await collectHistory(law.admin);
      expect(checkHistory({ calls: [], board, tickMs: null, clocks: null, incarnations: [], outages: [] })).toEqual([]);
    } finally {
      await law.database.drop();
    }
  });
  return fc.check(property, { numRuns, endOnFailure: true });
}

describe("random commands on the law and on its model", () => {
  test("agree on every answer and every row, and leave a sound history", async () => {
    const { errorInstance, seed } = await compare(null, RUNS);
    if (errorInstance !== null) throw new Error(`seed ${seed}: ${String(errorInstance)}`);
  });

  test.each<readonly [string, Mutant]>([
    ["a repeated operation takes another task", ["find_operation", "if not found then", "if true then"]],
    [
      "whoever comes acts as the holder",
      ["move_task", "fields, p_is_claim, p_actor)", "fields, p_is_claim, coalesce(p_old.assigned_to, p_actor))"],
    ],
  ])("differ when %s", async (_, mutant) => {
    const { failed, errorInstance } = await compare(mutant, RUNS_OF_MUTANT);
    expect(failed).toBe(true);
    expect(String(errorInstance)).not.toContain("does not contain");
  });
});
