/** A board is saved from one real Postgres and restored into another. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadMigrations } from "@muster/board/sql-files";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { withLaw } from "../../../test/support/law-fixture.ts";
import { startPostgres, type TestPostgres } from "../../../test/support/postgres.ts";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { standingSchema } from "../upgrade/record.ts";
import { type Backup, getBackup, listBackups } from "./backup-folder.ts";
import { createBackup } from "./create-backup.ts";
import type { WithDatabase } from "./database.ts";
import { type Manifest, manifestSchema } from "./manifest.ts";
import { rowsOf, verifyBackup } from "./verify-backup.ts";

const law = withLaw();
const folder = mkdtempSync(join(tmpdir(), "muster-backup-"));
const never = new AbortController().signal;
const quiet = () => undefined;
let scratch: TestPostgres;

beforeAll(async () => {
  scratch = await startPostgres([]);
});
afterAll(async () => {
  await scratch.stop();
  rmSync(folder, { recursive: true, force: true });
});

function server(port: () => number, rename: (database: string) => string): WithDatabase {
  return async (database, work) => {
    const client = new pg.Client({
      host: "127.0.0.1",
      port: port(),
      database: rename(database),
      user: "postgres",
      password: "test",
    });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
}

const live = server(
  () => law.admin.port,
  () => law.database.name,
);
const empty = server(
  () => scratch.port,
  (database) => database,
);

let seconds = 0;
function create(): Promise<Backup> {
  // Those made within a second may have had the next one's name.
  seconds += 5;
  return createAt(0);
}

function createAt(milliseconds: number): Promise<Backup> {
  const now = new Date(2026, 0, 1, 0, 0, seconds, milliseconds);
  return createBackup({ folder, withDatabase: live, cliVersion: "0.1.0", build: "dev", now }, quiet, never);
}

async function verify(backup: Backup): Promise<Backup> {
  await empty("postgres", (client) => client.query("drop database if exists muster"));
  return verifyBackup(backup, empty, quiet, never);
}

/** A board with a claim, a submission, a refused verdict and a receipt-worthy history. */
beforeEach(async () => {
  await law.admin.query("select muster.ensure_instance('11111111-2222-4333-8444-555555555555')");
  await law.addTask({ title: "with \t tabs, \\N, 'quotes' and ünïcode" });
  await law.submittedTask({ title: "in review" });
});

it("restores to the same rows, objects and sequences, and is valid only then", async () => {
  const made = await create();
  expect(made.proof).toBeNull();
  const proven = await verify(made);
  expect(proven.proof).toMatchObject({ tables: made.manifest.tables.length, rows: rowsOf(made) });
  expect(rowsOf(made)).toBeGreaterThan(100);
  const task = await empty("muster", (client) =>
    client.query("select title from public.os_tasks order by number limit 1"),
  );
  expect(task.rows).toEqual([{ title: "with \t tabs, \\N, 'quotes' and ünïcode" }]);
  expect(listBackups(folder)[0]).toMatchObject({ id: made.id });
});

it("holds nothing that was written after its moment", async () => {
  const before = await create();
  await law.addTask({ title: "late" });
  const tasks = (backup: Backup) => backup.manifest.tables.find(({ name }) => name === "public.os_tasks")?.rows;
  expect([tasks(before), tasks(await create())]).toEqual(["2", "3"]);
  expect((await verify(before)).proof).not.toBeNull();
});

const rewrite = ({ folder: place }: Backup, change: (manifest: Manifest) => void) => {
  const path = join(place, "manifest.json");
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  change(manifest);
  writeFileSync(path, JSON.stringify(manifest));
};
const tasksOf = ({ tables }: Manifest) => {
  const found = tables.find(({ name }) => name === "public.os_tasks");
  if (found === undefined) throw new Error("os_tasks was not saved");
  return found;
};

it.each<[string, (backup: Backup) => void, RegExp]>([
  [
    "a flipped end",
    (backup) => appendFileSync(join(backup.folder, tasksOf(backup.manifest).file), "x"),
    /os_tasks\) was changed or damaged/,
  ],
  [
    "a cut file",
    (backup) => truncateSync(join(backup.folder, tasksOf(backup.manifest).file), 10),
    /was changed or damaged/,
  ],
  ["a lost file", (backup) => rmSync(join(backup.folder, tasksOf(backup.manifest).file)), /is missing/],
  [
    "a row less than was counted",
    (backup) =>
      rewrite(backup, (manifest) => {
        tasksOf(manifest).rows = "3";
      }),
    /os_tasks has 2 rows, saved were 3/,
  ],
  [
    "other content than was hashed",
    (backup) =>
      rewrite(backup, (manifest) => {
        tasksOf(manifest).content = "1";
      }),
    /other content/,
  ],
  [
    "an object that is gone",
    (backup) =>
      rewrite(backup, (manifest) => {
        manifest.catalog.push("trigger O lost");
      }),
    /missing: trigger O lost/,
  ],
  [
    "a migration that nobody knows",
    (backup) =>
      rewrite(backup, (manifest) => {
        manifest.ledger.push({ id: 9999, name: "later", checksum: "x" });
      }),
    /does not know/,
  ],
  ["a manifest cut short", (backup) => truncateSync(join(backup.folder, "manifest.json"), 100), /missing or damaged/],
])("is refused with %s", async (_what, harm, sentence) => {
  const made = await create();
  harm(made);
  const tried = (async () => verify(getBackup(folder, made.id)))();
  await expect(tried).rejects.toMatchObject({ code: "BACKUP_INVALID", message: expect.stringMatching(sentence) });
  expect(existsSync(join(made.folder, "verified.json"))).toBe(false);
  rmSync(made.folder, { recursive: true });
});

it("loses its proof when it is changed afterwards", async () => {
  const made = await verify(await create());
  rewrite(made, (manifest) => {
    manifest.cliVersion = "9.9.9";
  });
  expect(getBackup(folder, made.id).proof).toBeNull();
});

it("is refused for a database that holds what could not be made again", async () => {
  await law.admin.query("create view public.mine as select 1 as one");
  await expect(create()).rejects.toMatchObject({
    code: "BACKUP_INVALID",
    message: expect.stringContaining("view mine"),
  });
  expect(readdirSync(folder).filter((name) => !name.startsWith(".tmp-"))).not.toContain("20260101T000099Z");
});

it("may be made again within the second, under a name of its own that sorts behind", async () => {
  const made = [await create(), await createAt(400), await createAt(900)];
  const ids = made.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
  expect(listBackups(folder).map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
});

it("clears away what a killed run left, which is never listed", async () => {
  mkdirSync(join(folder, ".tmp-20250101T000000Z", "tables"), { recursive: true });
  expect(listBackups(folder).map(({ id }) => id)).not.toContain(".tmp-20250101T000000Z");
  await create();
  expect(readdirSync(folder).filter((name) => name.startsWith(".tmp-"))).toEqual([]);
});

it("leaves nothing half made when it fails in the middle: on a full disk that would keep the room that is missing", async () => {
  const before = readdirSync(folder);
  const input = { folder, withDatabase: live, cliVersion: "0.1.0", build: "dev", now: new Date(2026, 1, 1) };
  const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  const halfway: string[] = [];
  const failing = (line: string) => {
    if (!line.startsWith("2 of ")) return;
    halfway.push(...readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".gz")));
    throw full;
  };
  await expect(createBackup(input, failing, never)).rejects.toBe(full);
  expect(halfway, "the first table was saved").toContainEqual(
    expect.stringMatching(/^\.tmp-.*\/tables\/001\.copy\.gz$/),
  );
  expect(readdirSync(folder)).toEqual(before);
});

it("is what a rollback counts from: migrations, the newest event, and what was done since", async () => {
  await law.admin.query("create table public.directus_migrations (version text primary key)");
  await law.admin.query("insert into public.directus_migrations values ('20260101A'), ('20251231B')");
  const standing = async () => standingSchema.parse((await law.rows(readSql("upgrade.standing")))[0]);
  const before = await standing();
  expect(before).toMatchObject({ migration: loadMigrations().at(-1)?.id, directus: "20260101A" });
  await law.addTask({ title: "written since" });
  const [{ count } = { count: 0 }] = await law.rows(readSql("events.count-after"), [before.event]);
  expect(count).toBe(Number((await standing()).event) - Number(before.event));
  expect(count).toBeGreaterThan(0);
});

it("is asked for by an id that exists", () => {
  expect(() => getBackup(folder, "yesterday")).toThrowError(expect.objectContaining({ code: "BACKUP_UNKNOWN" }));
});
