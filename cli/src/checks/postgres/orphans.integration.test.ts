/** What PG-06 and PG-08 ask a real Postgres: each reference that no foreign key guards, broken past the board. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { expect, test } from "vitest";
import { claim, withLaw } from "../../../../test/support/law-fixture.ts";
import { expectRed } from "../../../../test/support/red.ts";
import { applySeed } from "../../seed/apply-seed.ts";
import { loadProfile } from "../../seed/load-profile.ts";
import { judgeOrphans, type Orphan } from "./catalog.ts";
import { judgeUpkeep, judgeVersion, type ServerFacts } from "./server.ts";

const CLI = join(import.meta.dirname, "../../..");
const statement = (name: string) => readFileSync(join(CLI, "sql", `${name}.sql`), "utf8");
const NOWHERE = "00000000-0000-4000-8000-0000000000ff";

const law = withLaw();

async function orphans(client: pg.Client): Promise<readonly Orphan[]> {
  return (await client.query<Orphan>(statement("orphans.find"))).rows;
}

/** A board with a held task, a ready one, one in review, and an edge that was removed. */
async function busyBoard(): Promise<void> {
  const held = await law.addTask();
  await law.addTask();
  await law.submittedTask();
  await law.patch(law.agents.a2, String(held["id"]), claim());
}

test("a board that only the law wrote points nowhere, and so does a removed dependency", async () => {
  await busyBoard();
  const [one, other] = [await law.addTask(), await law.addTask()];
  const steward = "00000000-0000-4000-8000-000000000001";
  await law.admin.query("select muster.add_dependency($1, $2, $3, null)", [steward, one["id"], other["id"]]);
  await law.admin.query("select muster.remove_dependency($1, $2, $3, null)", [steward, one["id"], other["id"]]);
  expect(await orphans(law.admin)).toEqual([]);
  expect(judgeOrphans([])).toMatchObject({ status: "pass" });
});

test.each(["generic", "analogelk"])("the rows of profile %s point nowhere", async (profile) => {
  await applySeed(law.admin, loadProfile(join(CLI, "../profiles"), profile));
  expect(await orphans(law.admin)).toEqual([]);
});

test.each([
  ["muster.leases.holder", `update muster.leases set holder = '${NOWHERE}'`],
  ["muster.leases without an open claim", "update muster.leases set epoch = 99"],
  ["os_claims open without a lease", "delete from muster.leases"],
  ["os_claims.task", `update public.os_claims set task = '${NOWHERE}' where ended_at is null`],
  ["os_claims.agent", `update public.os_claims set agent = '${NOWHERE}'`],
  ["os_claims.holder", `update public.os_claims set holder = '${NOWHERE}'`],
  ["os_tasks.assigned_to", `update public.os_tasks set assigned_to = '${NOWHERE}'`],
  ["os_tasks.submitted_by", `update public.os_tasks set submitted_by = '${NOWHERE}'`],
  ["muster.queue.task", `update muster.queue set task = '${NOWHERE}'`],
  ["muster.queue.project", `update muster.queue set project = '${NOWHERE}'`],
  ["os_events.entity_id of os_tasks", "delete from public.os_tasks where status = 'ready'"],
  ["os_events.entity_id of os_agents", "delete from public.os_agents where name = 'b1'"],
])("PG-06 finds %s", async (place, harm) => {
  await busyBoard();
  await law.admin.query("begin");
  // Past every trigger and foreign key, as a restored or repaired table would be.
  await law.admin.query("set local session_replication_role = replica");
  await law.admin.query(harm);
  const found = await orphans(law.admin);
  await law.admin.query("rollback");
  expect(found.map((orphan) => orphan.place)).toContain(place);
  expectRed("PG-06", judgeOrphans(found.filter((orphan) => orphan.place === place)), new RegExp(`first ${place} `));
  expect(await orphans(law.admin)).toEqual([]);
});

test("a server says its version, and that its autovacuum lives", async () => {
  const facts = async () => {
    const [row] = (await law.admin.query<ServerFacts>(statement("server.facts"))).rows;
    if (row === undefined) throw new Error("server.facts answered no row.");
    return row;
  };
  await expect.poll(async () => (await facts()).has_launcher, { timeout: 30_000 }).toBe(true);
  const found = await facts();
  expect(judgeVersion(found.version_number, found.locale)).toMatchObject({ status: "pass" });
  expect(found).toMatchObject({ autovacuum: "on", checksum_failures: 0, xid_age: expect.any(Number) });
  await law.admin.query("begin");
  await law.admin.query("set local track_counts = off");
  expectRed("PG-08", judgeUpkeep(await facts()), /autovacuum off/);
  await law.admin.query("rollback");
});
