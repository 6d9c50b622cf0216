import path from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { patchItems } from "../../../test/support/directus-writes.ts";
import { refusalOf } from "../../../test/support/law-fixture.ts";
import { startPostgres, type TestDatabase, type TestPostgres } from "../../../test/support/postgres.ts";
import { applySeed, findSeedDrift } from "./apply-seed.ts";
import { loadProfile, type Profile } from "./load-profile.ts";

const PROFILES = path.join(import.meta.dirname, "../../../profiles");
const generic = loadProfile(PROFILES, "generic");
const analogelk = loadProfile(PROFILES, "analogelk");

const idsSchema = z.array(z.object({ id: z.uuid() }));

let postgres: TestPostgres;
let database: TestDatabase;
let admin: pg.Client;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  database = await postgres.createDatabase();
  admin = await database.connect("postgres");
});

async function countOf(sql: string): Promise<number> {
  const { rows } = await admin.query(`select count(*)::int as n from ${sql}`);
  return z.array(z.object({ n: z.int() })).parse(rows)[0]?.n ?? -1;
}

/** The same profile with other project summaries. */
function withChangedProjects(profile: Profile): Profile {
  const projects = profile.seed.rows.projects.map((row) => ({ ...row, summary: `${row.summary} Changed.` }));
  return {
    ...profile,
    seed: {
      ...profile.seed,
      rows: { ...profile.seed.rows, projects },
      hashes: { ...profile.seed.hashes, projects: "0".repeat(64) },
    },
  };
}

test("the generic profile is written whole, and a second run changes nothing", async () => {
  const first = await applySeed(admin, generic);
  expect(first.changed).toBeGreaterThan(300);
  expect(first.applied).toContain("generic/tasks");
  expect(first.applied).toContain("generic");
  expect(await countOf("public.os_tasks where origin = 'seed'")).toBe(generic.seed.rows.tasks.length);
  expect(await countOf("public.os_claims")).toBe(generic.seed.rows.claims.length);
  expect(await countOf("public.os_receipts")).toBe(generic.seed.rows.receipts.length);
  expect(await countOf("public.os_agents")).toBe(generic.manifest.agents.length);
  expect(await countOf("muster.leases")).toBe(8);
  const before = await countOf("public.os_events");
  expect(await applySeed(admin, generic)).toEqual({ changed: 0, applied: [] });
  expect(await countOf("public.os_events")).toBe(before);
  expect(await findSeedDrift(admin, generic)).toEqual([]);
});

test("the analogelk profile is written whole", async () => {
  expect((await applySeed(admin, analogelk)).changed).toBeGreaterThan(100);
  expect(await findSeedDrift(admin, analogelk)).toEqual([]);
  expect(await countOf("public.os_receipts where needed_fleet = 'no'")).toBe(6);
});

test("right after the seed the portal sees eight claims that are held", async () => {
  await applySeed(admin, generic);
  const portal = await database.connect("muster_portal");
  const leases = await portal.query("select agent from muster_read.leases where expires_at > now()");
  expect(leases.rows).toHaveLength(8);
  const tasks = await portal.query("select status from muster_read.tasks where status = 'done'");
  expect(tasks.rows).toHaveLength(generic.seed.rows.tasks.filter((task) => task.status === "done").length);
});

test("the law lets the seeded agents claim at least eight of the ready tasks", async () => {
  await applySeed(admin, generic);
  const directus = await database.connect("muster_directus");
  const agents = await admin.query("select id from public.os_agents order by name");
  const users: string[] = [];
  for (const agent of idsSchema.parse(agents.rows)) {
    const made = await admin.query("insert into public.directus_users (id) values (gen_random_uuid()) returning id");
    const [user] = idsSchema.parse(made.rows);
    if (user === undefined) throw new Error("No user was made.");
    await admin.query('update public.os_agents set "user" = $1 where id = $2', [user.id, agent.id]);
    users.push(user.id);
  }
  const ready = await admin.query("select id from public.os_tasks where status = 'ready' order by number");
  let claimed = 0;
  for (const task of idsSchema.parse(ready.rows)) {
    for (const user of users) {
      const refusal = await refusalOf(patchItems(directus, user, "os_tasks", [task.id], { claim_session: "s" }));
      if (refusal === null) claimed += 1;
      if (refusal?.code !== "MUSTER_WIP_LIMIT") break;
    }
  }
  expect(claimed).toBeGreaterThanOrEqual(8);
});

test("a changed part is applied again without touching what was done since", async () => {
  await applySeed(admin, generic);
  const changed = withChangedProjects(generic);
  expect((await findSeedDrift(admin, changed)).sort()).toEqual(["generic", "generic/projects"]);
  const result = await applySeed(admin, changed);
  expect(result.changed).toBe(generic.seed.rows.projects.length);
  expect(await countOf("public.os_projects where summary like '%Changed.'")).toBe(result.changed);
});

test("a seed that the database refuses leaves nothing behind", async () => {
  const [first] = generic.seed.rows.claims;
  if (first === undefined) throw new Error("The generic profile has no claims.");
  const rows = { ...generic.seed.rows, claims: [{ ...first, epoch: 77 }] };
  const broken: Profile = { ...generic, seed: { ...generic.seed, rows } };
  await expect(applySeed(admin, broken)).rejects.toThrow();
  expect(await countOf("public.os_tasks")).toBe(0);
  expect(await countOf("muster.seeds")).toBe(0);
});
