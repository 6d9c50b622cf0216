/** The server under test and what runs against it. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type pg from "pg";
import { startPostgres, type TestDatabase } from "../../test/support/postgres.ts";

const exec = promisify(execFile);
const SQL = join(import.meta.dirname, "sql");
const text = (name: string) => readFileSync(join(SQL, `${name}.sql`), "utf8");

export interface Bench {
  readonly database: TestDatabase;
  readonly admin: pg.Client;
  readonly url: string;
  /** Leaves exactly so many tasks in the queue, adds ready ones where there are fewer, and brings statistics up to date. */
  fillTo(tasks: number): Promise<void>;
  /** Transactions of a pgbench script per second. `work` is seconds ("-T", after a warm-up) or transactions per client ("-t"). */
  pgbench(script: string, clients: number, work: readonly ["-T" | "-t", number]): Promise<number>;
  stop(): Promise<void>;
}

/** Seconds of each timed run that do not count: a new connection plans every statement of the law once. */
const WARM_UP_SECONDS = 2;

/** @throws Error that says how to get pgbench. The wrapper of Debian's client package is there without what it wraps. */
export async function assertPgbench(): Promise<void> {
  try {
    await exec("pgbench", ["--version"]);
  } catch (cause) {
    const next =
      "On Debian 12 it is in postgresql-15: apt-get install postgresql-15. No server of that package need run.";
    throw new Error(`The bench needs pgbench, and it does not run here. ${next}`, { cause });
  }
}

/** fsync on, 256 MB of buffers: what both sides of every ratio run on. */
export async function startBench(): Promise<Bench> {
  const settings = ["fsync=on", "shared_buffers=256MB", "max_wal_size=4GB"];
  const postgres = await startPostgres(undefined, settings);
  const database = await postgres.createDatabase();
  const admin = await database.connect("postgres");
  await admin.query(text("prepare"));
  const fillTo = async (tasks: number) => {
    const { rows } = await admin.query<{ waiting: number }>("select count(*)::integer as waiting from muster.queue");
    const missing = tasks - (rows[0]?.waiting ?? 0);
    if (missing < 0) await admin.query(text("trim"), [tasks]);
    if (missing > 0) {
      await admin.query("alter table public.os_tasks disable trigger user");
      await admin.query(text("fill"), [missing]);
      await admin.query("alter table public.os_tasks enable trigger user");
    }
    await admin.query("analyze public.os_tasks, muster.queue, public.os_events, public.os_claims, muster.leases");
  };
  return {
    database,
    admin,
    url: `postgres://postgres:test@127.0.0.1:${postgres.port}/${database.name}`,
    fillTo,
    async pgbench(script, clients, [kind, amount]) {
      const argv = ["-h", "127.0.0.1", "-p", String(postgres.port), "-U", "muster_directus", "-n", "-M", "prepared"];
      const isTimed = kind === "-T";
      argv.push("-c", String(clients), "-j", String(Math.min(clients, 2)));
      argv.push(kind, String(isTimed ? amount + WARM_UP_SECONDS : amount), "-P", "1");
      argv.push(
        "-D",
        "started=false",
        "-D",
        "task=none",
        "-D",
        "fence=0",
        "-f",
        join(SQL, `${script}.sql`),
        database.name,
      );
      const { stdout, stderr } = await exec("pgbench", argv, { env: { ...process.env, PGPASSWORD: "test" } });
      const [, tps] = /tps = ([\d.]+)/.exec(stdout) ?? [];
      if (tps === undefined || /aborted/.test(stderr)) throw new Error(`pgbench ${script}: ${stdout}\n${stderr}`);
      const seconds = [...stderr.matchAll(/progress: [\d.]+ s, ([\d.]+) tps/g)].slice(WARM_UP_SECONDS);
      if (!isTimed) return Number(tps);
      if (seconds.length === 0) throw new Error(`pgbench ${script} ended within its warm-up: ${stderr}`);
      return seconds.reduce((sum, [, each]) => sum + Number(each), 0) / seconds.length;
    },
    stop: () => postgres.stop(),
  };
}
