/**
 * A board to measure: a real Postgres with the whole law, filled with tasks, and the built portal as a process of its own. Nothing of it touches
 * the operator's board. No measured path crosses Directus: the law's functions are called as its endpoint calls them.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DOCTOR_REPORT } from "@muster/board/doctor-report";
import type pg from "pg";
import { CHECKS } from "../../cli/src/checks/index.ts";
import { loadConfig } from "../../cli/src/config/load.ts";
import { ensureEntry, entryPath } from "../../cli/src/drivers/embedded/staging/cache-entry.ts";
import { portalApp } from "../../cli/src/drivers/embedded/staging/portal-app.ts";
import { freePorts } from "../../test/support/ports.ts";
import { startPostgres } from "../../test/support/postgres.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..");
const FILL = readFileSync(join(import.meta.dirname, "sql", "fill.sql"), "utf8");
/** As the service definition starts it. */
const HEAP = ["--max-old-space-size=160", "--max-semi-space-size=4"];
const READY_MS = 60_000;

export interface BenchBoard {
  readonly url: string;
  /** As Directus has it. */
  readonly law: pg.Client;
  readonly admin: pg.Client;
  /** A user of an agent that may hold any number of tasks. */
  readonly actor: string;
  /** A user who may edit every task. */
  readonly steward: string;
  /** A further connection as Directus has it; it ends with the board. */
  connectLaw(): Promise<pg.Client>;
  /** Resident memory of the portal, MB. */
  rss(): number;
  stopPortal(): Promise<void>;
  startPortal(): Promise<void>;
  stop(): Promise<void>;
}

export async function raiseBoard(tasks: number): Promise<BenchBoard> {
  const build = await stagePortal();
  const folder = mkdtempSync(join(tmpdir(), "muster-bench-portal-"));
  const postgres = await startPostgres(undefined, [
    `shared_buffers=${loadConfig({ checkout: CHECKOUT }).value.postgresSharedBuffersMb}MB`,
    "shared_preload_libraries=pg_stat_statements",
  ]);
  const database = await postgres.createDatabase();
  const admin = await database.connect("postgres");
  const law = await database.connect("muster_directus");
  await admin.query("create extension pg_stat_statements");
  await admin.query(FILL);
  const { rows } = await admin.query<{ actor: string; steward: string }>("select * from muster_bench.fill($1)", [
    tasks,
  ]);
  await admin.query("analyze");
  const { actor = "", steward = "" } = rows[0] ?? {};
  writeFileSync(join(folder, "password"), "test\n");
  writeFileSync(join(folder, "doctor.json"), doctorReport());
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const startPortal = async () => {
    const env = {
      PATH: process.env["PATH"],
      NODE_ENV: "production",
      HOSTNAME: "127.0.0.1",
      PORT: String(port),
      ELK_OS_DATABASE_PORT: String(postgres.port),
      ELK_OS_DATABASE_NAME: database.name,
      ELK_OS_DATABASE_PASSWORD_FILE: join(folder, "password"),
      ELK_OS_DOCTOR_REPORT_FILE: join(folder, "doctor.json"),
      ELK_OS_BUILD: "bench",
    };
    child = spawn(process.execPath, [...HEAP, "server.js"], { cwd: build, env, stdio: "ignore" });
    const deadline = Date.now() + READY_MS;
    while (
      !(await fetch(`${url}/healthz`).then(
        (answer) => answer.ok,
        () => false,
      ))
    ) {
      if (Date.now() > deadline) throw new Error("The portal did not start.");
      await sleep(50);
    }
  };
  const stopPortal = async () => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = new Promise((done) => running.once("exit", done));
    running.kill("SIGKILL");
    await ended;
  };
  await startPortal();
  return {
    ...{ url, law, admin, actor, steward, startPortal, stopPortal },
    connectLaw: () => database.connect("muster_directus"),
    rss() {
      const status = readFileSync(`/proc/${child?.pid ?? 0}/status`, "utf8");
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
    },
    async stop() {
      await stopPortal();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The folder of the built portal, as `elk-os up` stages it: built when these sources were not built before. */
async function stagePortal(): Promise<string> {
  const { cacheDir } = loadConfig({ checkout: CHECKOUT }).value;
  const entry = portalApp.entry({ checkout: CHECKOUT, hasServiceUser: false });
  const say = (text: string) => process.stderr.write(`${text}\n`);
  await ensureEntry(cacheDir, entry, say, new AbortController().signal);
  return join(entryPath(cacheDir, entry), "portal");
}

/** As doctor leaves it, with every check of ours: the page that is weighed has its real length. */
function doctorReport(): string {
  const at = new Date().toISOString();
  const none = { verdict: null, expected: null, actual: null, fix: null };
  const checks = CHECKS.map(({ id, title, severity }) => ({
    ...{ id, title, severity, status: "pass", evidence: `${title}, as measured.`, at, ttl_s: 86_400 },
    ...none,
  }));
  return JSON.stringify({ schema: DOCTOR_REPORT, at, took_ms: 4_000, checks });
}
