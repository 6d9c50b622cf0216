/** Harm to the agents: killed, stopped, with wrong clocks. The board stays right, and what was acknowledged stays. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { callVerb } from "../support/call-verb.ts";
import type { Fields } from "../support/directus-writes.ts";
import { addAgent, type LawFixture, makeLawFixture } from "../support/law-fixture.ts";
import {
  type FleetAgent,
  startAgent,
  startClock,
  timesToldNothing,
  untilAccepted,
  violationsOf,
} from "../support/law-fleet.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { eventually } from "../support/processes.ts";

/** The shortest that the law grants, in seconds. */
const SHORTEST_LEASE = 15;
/** For what takes seconds on an idle machine and depends on nobody's speed. */
const PATIENCE_MS = 120_000;

let postgres: TestPostgres;
let law: LawFixture;
const fleet: FleetAgent[] = [];
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => {
  for (const { child } of fleet) child.kill("SIGKILL");
  await postgres.stop();
});
beforeEach(async () => {
  fleet.length = 0;
  law = await makeLawFixture(postgres);
  await law.admin.query("select muster.set_config('lock_delay_seconds', '0')");
});

async function join(
  mode: "work" | "review" | "hold" | "items",
  name: string,
  more: Partial<Parameters<typeof startAgent>[0]> = {},
  wrapper: readonly string[] = [],
) {
  const { capabilities = [] } = more;
  const user = await addAgent(law.admin, law.directus, name, "alpha", { max_wip: 100, capabilities });
  const plan = { mode, port: postgres.port, database: law.database.name, user, session: name, ...more };
  const agent = startAgent(plan, wrapper);
  fleet.push(agent);
  return { agent, user };
}
const addTasks = async (count: number, fields: Fields = {}) => {
  const tasks: string[] = [];
  for (let index = 0; index < count; index += 1) tasks.push(String((await law.addTask(fields))["id"]));
  return tasks;
};

test("agent SIGKILL: six agents die while they work; what they held lapses by itself, comes back and is finished by others", async () => {
  await addTasks(100);
  // Only one of the heirs can do these: the other one is told that there is nothing while they lie there.
  await addTasks(20, { required_capabilities: ["deep"] });
  const short = { leaseSeconds: SHORTEST_LEASE };
  // One that surely holds something when it dies, beside five that are caught wherever they are.
  const { agent: holder } = await join("hold", "victim-holder", short);
  await untilAccepted([holder], "claim_next", 1);
  const workers = Array.from({ length: 5 }, (_, index) => join("work", `victim-${index}`, short));
  const victims = [holder, ...(await Promise.all(workers)).map(({ agent }) => agent)];
  await untilAccepted(fleet, "submit", 20);
  for (const { child } of victims) child.kill("SIGKILL");
  await Promise.all(victims.map((agent) => agent.end()));
  const clock = startClock(await law.database.connect("muster_directus"));
  try {
    await Promise.all([
      join("work", "heir-1", { capabilities: ["deep"] }),
      join("work", "heir-2"),
      join("review", "judge", {}),
    ]);
    await eventually(
      "every task was verified",
      async () => {
        // At every look, also while the dead still hold: nothing is kept longer than lease, lock delay and two ticks.
        expect(await violationsOf(law.admin, fleet, { clock })).toEqual([]);
        return (await law.rows("select from os_tasks where status not in ('done', 'blocked')")).length === 0;
      },
      PATIENCE_MS,
    );
  } finally {
    await clock.stop();
  }
  await Promise.all(fleet.map((agent) => agent.end()));
  // By a tick, or by an agent that looked for work and found none.
  const lapsed = await law.rows("select session from os_claims where ended_by = 'expired'");
  expect(lapsed.map(({ session }) => session)).toContain("victim-holder");
  expect(timesToldNothing(fleet)).toBeGreaterThan(1);
  const refused = await law.rows("select from os_verifications where verdict = 'fail'");
  expect(refused.length).toBeGreaterThan(0);
  expect(await violationsOf(law.admin, fleet, { clock })).toEqual([]);
});

test("holder SIGSTOP past its lease: another agent works, and the late submission meets FENCED", async () => {
  const [task] = await addTasks(1);
  const { agent: sleeper } = await join("hold", "sleeper", { leaseSeconds: SHORTEST_LEASE });
  await untilAccepted([sleeper], "claim_next", 1);
  sleeper.child.kill("SIGSTOP");
  await eventually(
    "the lease ran out by itself",
    async () => (await callVerb(law.directus, "tick"))["expired"] === 1,
    PATIENCE_MS,
  );
  const { agent: heir } = await join("hold", "heir");
  await untilAccepted([heir], "claim_next", 1);
  sleeper.child.kill("SIGCONT");
  sleeper.child.stdin?.write("submit\n");
  await eventually(
    "the sleeper was told",
    () => sleeper.calls.some(({ verb, code }) => verb === "submit" && code === "MUSTER_FENCED"),
    PATIENCE_MS,
  );
  expect(await law.task(task ?? "")).toMatchObject({ status: "in_progress", claim_session: "heir", claim_epoch: 2 });
  heir.child.stdin?.write("submit\n");
  await untilAccepted([heir], "submit", 1);
  await Promise.all(fleet.map((agent) => agent.end()));
  expect(await violationsOf(law.admin, fleet, { tickMs: 60_000 })).toEqual([]);
});

test("clock skew: agents a day ahead and a day behind, or with clocks that run fast or slow, decide nothing by their stamps", async () => {
  const tasks = await addTasks(25);
  const skews = ["+24h", "-24h", "+10m", "-10m", "+0 x1.1", "+0 x0.9"];
  const racers = await Promise.all(
    skews.map((skew, index) => join("items", `skewed-${index}`, { tasks }, ["faketime", "-f", skew])),
  );
  await Promise.all(racers.map(({ agent }) => agent.end()));
  // Whoever came later claimed the review.
  const first = fleet.flatMap((agent) => agent.accepted("claim")).filter(({ epoch }) => epoch === 1);
  expect(first.map(({ task }) => task).toSorted()).toEqual(tasks.toSorted());
  expect(await law.rows("select from os_tasks where status <> 'in_review'")).toEqual([]);
  expect(await violationsOf(law.admin, fleet)).toEqual([]);
});
