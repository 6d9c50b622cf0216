/** Two failovers under load, by the law's own verbs through the door; with Directus and the whole stack: test/e2e/external-postgres.e2e.test.ts. */
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { callVerb } from "../../../test/support/call-verb.ts";
import { addAgent, type LawFixture, makeLawFixture, refusalOf } from "../../../test/support/law-fixture.ts";
import { startPostgres, type TestPostgres } from "../../../test/support/postgres.ts";
import { eventually } from "../../../test/support/processes.ts";
import { asSuperuser, type Standby, startStandby } from "../../../test/support/standby.ts";
import { type Door, openDoor } from "./door.ts";

const HOST = "127.0.0.1";
const AGENTS = 6;
const TASKS = 500;
const TIMEOUT_MS = 60_000;

interface Claim {
  readonly user: string;
  readonly task: string;
  readonly fence: number;
  readonly token: string;
}

let primary: TestPostgres;
let standby: Standby;
let law: LawFixture;
let door: Door;
let users: string[];
beforeEach(async () => {
  primary = await startPostgres();
  law = await makeLawFixture(primary);
  users = [];
  for (let at = 0; at < AGENTS; at++)
    users.push(await addAgent(law.admin, law.directus, `w${at}`, "alpha", { max_wip: 100 }));
  await law.admin.query("select muster.ensure_instance(gen_random_uuid())");
  for (let at = 0; at < TASKS; at++) await law.addTask();
  standby = await startStandby(primary, "one");
  const hosts = [standby, primary].map(({ port }) => ({ host: HOST, port }));
  const upstream = { hosts, tlsMode: "disable", roots: null } as const;
  door = await openDoor({ listen: { hosts: [HOST], port: 0 }, upstream, session: null }, () => undefined);
});
afterEach(async () => {
  await door?.close();
  await standby?.stop();
  await primary?.stop();
});

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({
    host: HOST,
    port: door.port,
    database: law.database.name,
    user: "muster_directus",
    password: "test",
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** Each agent claims one task after the other, and connects anew when its connection breaks. */
function startFleet() {
  const claims: Claim[] = [];
  let isStopped = false;
  const work = async (user: string) => {
    let client: pg.Client | null = null;
    while (!isStopped) {
      try {
        client ??= await connect();
        const { fence, task, token } = await callVerb(client, "claim_next", user, `session of ${user}`);
        claims.push({ user, task: String(Object(task).id), fence: Number(fence), token: String(token) });
      } catch {
        // Whatever was under way was not acknowledged.
        await client?.end().catch(() => undefined);
        client = null;
      }
    }
    await client?.end().catch(() => undefined);
  };
  const ended = Promise.all(users.map(work));
  return {
    claims,
    stop() {
      isStopped = true;
      return ended;
    },
  };
}

/** Claims of which the server knows nothing. */
async function lostOf(claims: readonly Claim[]): Promise<readonly Claim[]> {
  const text = "select concat_ws(' ', task, epoch, holder) as name from os_claims";
  const kept = await asSuperuser(standby, (client) => client.query<{ name: string }>(text), law.database.name);
  const known = new Set(kept.rows.map(({ name }) => name));
  return claims.filter(({ task, fence, user }) => !known.has(`${task} ${fence} ${user}`));
}

it("a claim that was acknowledged after a standby had it is never lost", async ({ annotate }) => {
  await asSuperuser(primary, async (client) => {
    await client.query("alter system set synchronous_standby_names = 'one'");
    await client.query("select pg_reload_conf()");
    const isSynchronous = async () =>
      (await client.query("select from pg_stat_replication where sync_state = 'sync'")).rows.length === 1;
    await eventually("the standby is synchronous", isSynchronous, TIMEOUT_MS);
  });
  const fleet = startFleet();
  await eventually("the fleet claims", () => fleet.claims.length >= 100, TIMEOUT_MS);
  await primary.kill();
  const before = fleet.claims.length;
  await standby.promote();
  await eventually("the fleet claims again", () => fleet.claims.length >= before + 100, TIMEOUT_MS);
  await fleet.stop();
  await annotate(`${fleet.claims.length} claims acknowledged, ${before} of them before the primary died`);
  expect(await lostOf(fleet.claims)).toEqual([]);
  expect(new Set(fleet.claims.map(({ task }) => task)).size).toBe(fleet.claims.length);
});

it("claims that no standby had are lost, and a new incarnation refuses whoever holds one", async ({ annotate }) => {
  const early = startFleet();
  await eventually("the fleet claims", () => early.claims.length >= 20, TIMEOUT_MS);
  await early.stop();
  const isCaughtUp = () => lostOf(early.claims).then((lost) => lost.length === 0);
  await eventually("the standby has these claims", isCaughtUp, TIMEOUT_MS);
  await standby.detach();

  const fleet = startFleet();
  await eventually("the fleet claims", () => fleet.claims.length >= 50, TIMEOUT_MS);
  await primary.kill();
  const acknowledged = [...fleet.claims];
  await fleet.stop();
  await standby.promote();
  const lost = await lostOf(acknowledged);
  await annotate(`${early.claims.length + acknowledged.length} claims acknowledged, ${lost.length} lost`);
  expect(lost).toEqual(acknowledged);
  expect(await lostOf(early.claims)).toEqual([]);

  const client = await eventually("the door finds the new primary", () => connect().catch(() => null), TIMEOUT_MS);
  const [first, kept] = [lost[0], early.claims[0]];
  const other = users.find((user) => user !== first?.user);
  if (first === undefined || kept === undefined || other === undefined) throw new Error("Nothing was lost.");
  // The same fence is given twice: the board cannot know of the first.
  const again = await callVerb(client, "claim", other, first.task, "again");
  expect(again).toMatchObject({ fence: first.fence, token: first.token });
  expect(await callVerb(client, "check_fence", first.task, first.token)).toBeTruthy();

  const bump = (admin: pg.Client) => admin.query("select muster.new_incarnation('failover')");
  await asSuperuser(standby, bump, law.database.name);
  for (const { user, task, fence, token } of [first, kept, { ...first, user: other }]) {
    const beat = await refusalOf(callVerb(client, "heartbeat", user, task, fence));
    const check = await refusalOf(callVerb(client, "check_fence", task, token));
    expect([beat?.code, check?.code]).toEqual(["MUSTER_FENCED", "MUSTER_FENCED"]);
  }
  const anew = await callVerb(client, "claim", other, first.task, "anew");
  expect(Number(anew["fence"])).toBeGreaterThan(first.fence + 1_000);
  expect(await callVerb(client, "heartbeat", other, first.task, anew["fence"])).toBeTruthy();
  await client.end();
});
