import { expect, test } from "vitest";
import { callVerb } from "../../../test/support/call-verb.ts";
import { withLaw } from "../../../test/support/law-fixture.ts";
import { eventually } from "../../../test/support/processes.ts";
import { checkHistory } from "./check-history.ts";
import { collectHistory } from "./collect-history.ts";

const law = withLaw();

/** The statement asks for the lock delay after its snapshot was taken: there it waits until the gate is open. */
const GATE = 77;
const WAITING_DELAY = `create or replace function muster.lock_delay() returns interval language plpgsql stable as $$
  begin
    if current_setting('application_name') = 'reader' then perform pg_advisory_xact_lock_shared(${GATE}); end if;
    return interval '0';
  end $$`;

test("what is claimed and ticked while the board is read is not taken for work before the head of the queue", async () => {
  for (let index = 0; index < 3; index += 1) await law.addTask();
  await callVerb(law.directus, "tick");
  const reader = await law.database.connect("postgres");
  await reader.query("set application_name = 'reader'");
  await law.admin.query(WAITING_DELAY);
  await law.admin.query("select pg_advisory_lock($1)", [GATE]);
  const reading = collectHistory(reader);
  await eventually("the reading has its snapshot", async () => {
    const waiting = "select from pg_locks where locktype = 'advisory' and not granted";
    return (await law.rows(waiting)).length === 1;
  });
  await callVerb(law.directus, "claim_next", law.agents.a1, "s1");
  const [head] = await law.rows("select last_value from muster.queue_head");
  await callVerb(law.directus, "tick");
  await law.admin.query("select pg_advisory_unlock($1)", [GATE]);
  const board = await reading;
  expect(board.queue).toHaveLength(3);
  expect(checkHistory({ calls: [], board, tickMs: null, clocks: null, incarnations: [], outages: [] })).toEqual([]);
  // Once it was read, the head goes on.
  await callVerb(law.directus, "tick");
  expect(await law.rows("select last_value from muster.queue_head")).not.toEqual([head]);
});
