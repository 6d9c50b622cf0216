/** Answers that get lost, and outboxes that all come back at once: each operation happens once, and is told the same. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { callVerb } from "../support/call-verb.ts";
import { addAgent, type LawFixture, makeLawFixture } from "../support/law-fixture.ts";
import { type FleetAgent, startAgent, untilAccepted, violationsOf } from "../support/law-fleet.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";

const OUTBOXES = 6;
const NOTES = 12;

let postgres: TestPostgres;
let law: LawFixture;
let fleet: FleetAgent[] = [];
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => {
  for (const { child } of fleet) child.kill("SIGKILL");
  await postgres.stop();
});
beforeEach(async () => {
  law = await makeLawFixture(postgres);
});

test("ambiguous commit: every third reply is dropped after the commit, and each operation happens exactly once", async () => {
  for (let index = 0; index < 60; index += 1) await law.addTask();
  const proxy = await startTcpProxy(postgres.port, 3);
  const users = await Promise.all(
    ["p0", "p1", "p2"].map((name) => addAgent(law.admin, law.directus, name, "alpha", { max_wip: 10 })),
  );
  fleet = users.map((user, index) =>
    startAgent({ mode: "work", port: proxy.port, database: law.database.name, user, session: `p${index}` }),
  );
  await untilAccepted(fleet, "submit", 25);
  // Behind the proxy to the end: what was lost last is asked for again as well.
  await Promise.all(fleet.map((agent) => agent.end()));
  await proxy.stop();
  expect(proxy.lost).toBeGreaterThan(15);
  const calls = fleet.flatMap((agent) => agent.calls);
  // The same operation, asked again after it was lost, was accepted: with the answer of the first time.
  const lost = calls.filter(({ result, verb }) => result === "unknown" && verb === "submit");
  expect(lost.some(({ op }) => calls.some((call) => call.op === op && call.result === "accepted"))).toBe(true);
  expect(await violationsOf(law.admin, fleet)).toEqual([]);
  const [row] = await law.rows("select count(*)::int as n from os_events where kind = 'submitted'");
  const known = new Set(
    calls.filter(({ verb, result }) => verb === "submit" && result === "accepted").map(({ op }) => op),
  );
  expect(row?.["n"]).toBe(known.size);
  expect(lost.filter(({ op }) => !known.has(op))).toEqual([]);
});

test("replay stampede: six outboxes come back at once, each by two processes, and nothing is applied twice", async () => {
  const plans = await Promise.all(
    Array.from({ length: OUTBOXES }, async (_, index) => {
      const user = await addAgent(law.admin, law.directus, `o${index}`, "alpha", { max_wip: 10 });
      const { id } = await law.addTask();
      const grant = await callVerb(law.directus, "claim", user, id, `o${index}`);
      const task = String(id);
      const notes = Array.from({ length: NOTES }, (__, at) => ({
        verb: "add_note",
        args: { task, body: `Note ${at}.` },
      }));
      const last = { verb: "submit", args: { task, fence: grant["fence"], result: { commit: "c" } } };
      return { user, task, operations: [...notes, last].map((operation) => ({ op: randomUUID(), operation })) };
    }),
  );
  // One of them was taken over while it was away: its work is late.
  const [late] = plans;
  await law.expire(late?.task ?? "");
  await callVerb(law.directus, "claim", law.agents.a1, late?.task, "heir");
  fleet = plans.flatMap(({ user, operations }, index) =>
    ["left", "right"].map((side) =>
      startAgent({
        mode: "replay",
        port: postgres.port,
        database: law.database.name,
        user,
        session: `o${index}-${side}`,
        operations,
      }),
    ),
  );
  await Promise.all(fleet.map((agent) => agent.end()));
  expect(fleet.map((agent) => agent.accepted("apply_op").length)).toEqual(fleet.map(() => NOTES + 1));
  const [row] = await law.rows("select count(*)::int as notes from os_notes where kind = 'note'");
  expect(row?.["notes"]).toBe(OUTBOXES * NOTES);
  expect(await law.rows("select from os_tasks where status = 'in_review'")).toHaveLength(OUTBOXES - 1);
  expect(await law.rows("select from os_notes where kind = 'finding'")).toHaveLength(1);
  expect(await violationsOf(law.admin, fleet)).toEqual([]);
});
