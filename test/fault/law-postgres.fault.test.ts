/** Harm to the database under load: its server killed, its backends killed, its pool used up, its horizon pinned, its data older. */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { readAnswer } from "../../board/src/history/read-answer.ts";
import { Recorder } from "../../board/src/history/recorder.ts";
import { type Answer, callVerb } from "../support/call-verb.ts";
import { addAgent, type LawFixture, makeLawFixture } from "../support/law-fixture.ts";
import { type FleetAgent, startAgent, untilAccepted, violationsOf } from "../support/law-fleet.ts";
import { nestedPlan, nodesOf, type PlanNode } from "../support/nested-plans.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { eventually } from "../support/processes.ts";

const AGENTS = 5;
/** The shortest that the law grants, in seconds, and a downtime that outlasts it. */
const SHORTEST_LEASE = 15;
const LONG_OUTAGE_MS = 20_000;
/** Shared buffers with the horizon pinned; the same limits as in board/law/claim-cost. Measured here: 12, and 78 to 80. */
const PICK_PINNED = 40;
const CLAIM_PINNED = 90;
/** Reserved for the superuser: 3, so the fleet and the test share twelve. */
const TIGHT = ["fsync=on", "max_connections=15"];

let postgres: TestPostgres;
let law: LawFixture;
let fleet: FleetAgent[] = [];
afterAll(async () => {
  for (const { child } of fleet) child.kill("SIGKILL");
});
beforeEach(async ({ task }) => {
  fleet = [];
  postgres = await startPostgres(undefined, task.name.startsWith("pool") ? TIGHT : ["fsync=on"]);
  law = await makeLawFixture(postgres);
});
afterEach(async () => {
  await Promise.all(fleet.map((agent) => agent.end()));
  await postgres.stop();
});

/** Every third agent judges what the others submit. */
async function startFleet(tasks: number, count = AGENTS, leaseSeconds = 60): Promise<void> {
  for (let index = 0; index < tasks; index += 1) await law.addTask();
  const users: string[] = [];
  for (let index = 0; index < count; index += 1)
    users.push(await addAgent(law.admin, law.directus, `w${index}`, "alpha", { max_wip: 10 }));
  fleet = users.map((user, index) =>
    startAgent({
      mode: index % 3 === 2 ? "review" : "work",
      port: postgres.port,
      database: law.database.name,
      user,
      session: `w${index}`,
      leaseSeconds,
    }),
  );
}
const done = () => fleet.reduce((sum, agent) => sum + agent.accepted("submit").length, 0);
const more = (count: number) => untilAccepted(fleet, "submit", done() + count);

async function expectSound(options: Parameters<typeof violationsOf>[2] = {}): Promise<void> {
  await Promise.all(fleet.map((agent) => agent.end()));
  const admin = await law.database.connect("postgres");
  expect(await violationsOf(admin, fleet, options)).toEqual([]);
  // A reply that was lost strands no grant: every claim was told to somebody.
  const told = new Set(
    fleet.flatMap((agent) => agent.accepted("claim_next")).map(({ task, epoch }) => `${task} ${epoch}`),
  );
  const { rows } = await admin.query<{ key: string }>("select task || ' ' || epoch as key from os_claims");
  expect(rows.map(({ key }) => key).filter((key) => !told.has(key))).toEqual([]);
}

test("Postgres kill -9 under load, twice, once for longer than a lease: nothing acknowledged is lost, no lease is taken, work goes on", async () => {
  await law.admin.query("select muster.set_config('lock_delay_seconds', '0')");
  await startFleet(400, AGENTS, SHORTEST_LEASE);
  const keeper = await addAgent(law.admin, law.directus, "keeper", "alpha");
  await more(20);
  const outages: { from: number; to: number; graceMs: number }[] = [];
  let directus = law.directus;
  /** Ticks until the moment of the kill, as the extension does, and again as soon as it is over. */
  const outage = async (ms: number): Promise<Answer> => {
    await callVerb(directus, "tick");
    const from = Date.now();
    await postgres.kill();
    await sleep(ms);
    await postgres.start();
    directus = await law.database.connect("muster_directus");
    const ticked = await callVerb(directus, "tick");
    outages.push({ from, to: Date.now(), graceMs: 5_000 });
    return ticked;
  };
  await outage(0);
  await more(20);
  // It holds through the long one: its lease would have run out in the middle.
  const holder = startAgent({
    mode: "hold",
    port: postgres.port,
    database: law.database.name,
    user: keeper,
    session: "keeper",
    leaseSeconds: SHORTEST_LEASE,
  });
  fleet.push(holder);
  await untilAccepted([holder], "claim_next", 1);
  expect(await outage(LONG_OUTAGE_MS)).toMatchObject({ ran: true, extended: expect.toSatisfy((count) => count > 0) });
  holder.child.stdin?.write("submit\n");
  await untilAccepted([holder], "submit", 1);
  await more(20);
  await expectSound({ outages });
  const admin = await law.database.connect("postgres");
  expect((await admin.query("select from os_verifications")).rowCount).toBeGreaterThan(0);
});

test("backend kills: a connection dies with every submission, sixty times over, and each call is known in the end", async () => {
  await startFleet(300);
  await more(10);
  const first = done();
  let kills = 0;
  await eventually(
    "sixty kills, each with a submission since the last",
    async () => {
      // A new connection plans the law anew before its first claim: kills by the clock alone would show the speed of the machine.
      if (done() < first + kills) return false;
      const { rows } = await law.admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'muster_directus' and pid <> $1 order by state = 'active' desc, random() limit 1",
        [Reflect.get(law.directus, "processID")],
      );
      kills += rows.length;
      return kills >= 60;
    },
    200_000,
  );
  await more(10);
  const unknown = fleet.flatMap(({ calls }) => calls).filter(({ result }) => result === "unknown");
  expect(unknown.length).toBeGreaterThan(5);
  await expectSound();
});

test("pool exhaustion: more agents than connections; who gets none waits and loses nothing", async () => {
  await startFleet(120, 14);
  await more(60);
  await Promise.all(fleet.map((agent) => agent.end()));
  expect(fleet.flatMap(({ calls }) => calls).filter(({ result }) => result === "unknown").length).toBeGreaterThan(0);
  await expectSound();
});

test("pinned xmin: with an old transaction open, claims still look at a handful of rows", async () => {
  const old = await law.database.connect("postgres");
  await old.query("begin isolation level repeatable read; select count(*) from os_tasks");
  await startFleet(250);
  await untilAccepted(fleet, "submit", 200);
  await Promise.all(fleet.map((agent) => agent.end()));
  await callVerb(law.directus, "tick");
  // Before the claims below, which no agent of the fleet was told of.
  await expectSound();
  // Dead rows that cannot go are there, whatever a vacuum does, and the head leads past them.
  await law.admin.query("vacuum muster.queue");
  const { rows: kept } = await law.admin.query<{ dead: number }>(
    "select n_dead_tup::int as dead from pg_stat_all_tables where relid = 'muster.queue'::regclass",
  );
  expect(kept[0]?.dead).toBeGreaterThan(100);
  // The fleet may have taken everything.
  for (const _ of [1, 2, 3]) await law.addTask();
  // By one of those that ended the claims: what it holds is not counted over its own dead leases either.
  const whole = `select muster.claim_next((select a."user" from os_agents a where a.name = 'w0'), 'late')`;
  const planOf = async (part: string): Promise<PlanNode> => {
    const plan = await nestedPlan(law.admin, whole, part);
    await law.admin.query(
      `select muster.submit(l.holder, l.task::text, l.epoch, '{"commit":"c"}') from muster.leases l`,
    );
    return plan;
  };
  const buffersOf = (plan: PlanNode): number => plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
  const pick = await planOf("muster.queue q cross join lateral");
  expect(buffersOf(pick)).toBeLessThanOrEqual(PICK_PINNED);
  // Each index that holds the ready tasks costs as little on a small board, and a plan made there stays for a large one.
  const found = nodesOf(pick).flatMap((node) => (node["Relation Name"] === "os_tasks" ? [node["Index Name"]] : []));
  expect(found).toEqual(["os_tasks_pkey"]);
  // A call that had to plan anew reads the catalogue as well: the lesser of two is the claim's own.
  const claims = [buffersOf(await planOf("muster.claim_next(")), buffersOf(await planOf("muster.claim_next("))];
  expect(Math.min(...claims), String(claims)).toBeLessThanOrEqual(CLAIM_PINNED);
  await old.query("rollback");
  expect(await violationsOf(law.admin, fleet)).toEqual([]);
});

test("restore to an older backup: every token from before is refused, and none comes back", async () => {
  const user = await addAgent(law.admin, law.directus, "keeper", "alpha", { max_wip: 10 });
  await law.admin.query("select muster.ensure_instance(gen_random_uuid())");
  for (let index = 0; index < 4; index += 1) await law.addTask();
  const before = await callVerb(law.directus, "claim_next", user, "keeper");
  await postgres.kill();
  const copy = `${postgres.dataFolder}.backup`;
  execFileSync("cp", ["-a", postgres.dataFolder, copy]);
  await postgres.start();
  const later = await law.database.connect("muster_directus");
  const lost = await callVerb(later, "claim_next", user, "keeper");
  await postgres.kill();
  rmSync(postgres.dataFolder, { recursive: true });
  execFileSync("mv", [copy, postgres.dataFolder]);
  await postgres.start();
  const admin = await law.database.connect("postgres");
  const directus = await law.database.connect("muster_directus");
  const since = performance.now();
  expect(await callVerb(admin, "new_incarnation", "restore")).toEqual({ incarnation: 2 });
  // The history of the time after the restore: what the lost time had acknowledged is lost with it.
  const recorder = new Recorder();
  const ask = async (verb: string, grant: Answer, ...args: readonly unknown[]) => {
    const [incarnation, fence] = String(grant["token"]).split(".").map(Number);
    const task = Object(grant["task"]).id;
    const intent = { client: "keeper", verb, task, incarnation: incarnation ?? null, fence: fence ?? null };
    const outcome = await recorder.record(intent, () => callVerb(directus, verb, ...args), readAnswer);
    return outcome.result === "refused" ? outcome.code : outcome.result;
  };
  const useToken = async (grant: Answer) => {
    const { id } = Object(grant["task"]);
    return [
      await ask("heartbeat", grant, user, id, grant["fence"]),
      await ask("check_fence", grant, id, grant["token"]),
      await ask("submit", grant, user, id, grant["fence"], { commit: "c" }),
    ];
  };
  for (const grant of [before, lost])
    expect(await useToken(grant)).toEqual(["MUSTER_FENCED", "MUSTER_FENCED", "MUSTER_FENCED"]);
  const again = await callVerb(directus, "claim_next", user, "keeper");
  expect(Number(again["fence"])).toBeGreaterThan(Number(lost["fence"]));
  expect(String(again["token"])).toMatch(/^2\./);
  expect(await useToken(again)).toEqual(["accepted", "accepted", "accepted"]);
  expect(recorder.calls.filter(({ incarnation }) => incarnation === 1)).toHaveLength(6);
  expect(await violationsOf(admin, [recorder], { incarnations: [{ number: 2, since }] })).toEqual([]);
});
