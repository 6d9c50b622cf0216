import { expect, test } from "vitest";
import { withLaw } from "../../test/support/law-fixture.ts";
import { boardFacts, fillBoard } from "./fill-board.ts";

const law = withLaw();
const forEver = new AbortController().signal;

test("the law takes every kind of life that is made up, with a whole trail, and numbers new tasks after them", async () => {
  await fillBoard(law.admin, 140, forEver);
  const facts = await boardFacts(law.admin);
  expect(facts).toMatchObject({ tasks: 140, claims: 231, notes: 126, verifications: 105 });
  const [told] = await law.rows("select count(*)::int as events from os_events where entity = 'os_tasks'");
  expect(told?.["events"]).toBeGreaterThan(2 * facts.tasks);
  expect(await law.rows("select * from muster.broken_event_chains()")).toEqual([]);
  expect(await law.addTask()).toMatchObject({ number: 141 });
});

test("a fill that is to end adds no further tasks", async () => {
  const over = AbortSignal.abort(new Error("interrupted"));
  await expect(fillBoard(law.admin, 140, over)).rejects.toThrow("interrupted");
  expect(await boardFacts(law.admin)).toMatchObject({ tasks: 0 });
});
