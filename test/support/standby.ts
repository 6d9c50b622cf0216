/** A server that follows another by streaming, from a copy that is made while the other is in use. Superuser and password are the other's. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePorts } from "./ports.ts";
import type { TestPostgres } from "./postgres.ts";
import { reachableNative, serverUser } from "./postgres-server.ts";
import { eventually } from "./processes.ts";

const START_TIMEOUT_MS = 60_000;

export interface Server {
  readonly port: number;
  readonly dataFolder: string;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface Standby extends Server {
  /** Makes it the primary, and waits until it takes writes. */
  promote(): Promise<void>;
  /** Stops following for good: what the primary commits from now on is not here. */
  detach(): Promise<void>;
}

/** A superuser's connection, ended when `work` ends. */
export async function asSuperuser<T>(
  { port }: { readonly port: number },
  work: (client: pg.Client) => Promise<T>,
  database = "postgres",
): Promise<T> {
  const client = new pg.Client({ host: "127.0.0.1", port, database, user: "postgres", password: "test" });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Copies `primary`, starts the copy as its standby and waits until it streams. `port` left out: a free one. `more`: "name=value"; they win. */
export async function startStandby(
  primary: Server | TestPostgres,
  name: string,
  port?: number,
  more: readonly string[] = [],
): Promise<Standby> {
  const folder = mkdtempSync(join(tmpdir(), "muster-standby-"));
  chmodSync(folder, 0o711);
  const user = serverUser();
  const data = join(folder, "data");
  const own = port ?? (await freePorts(1))[0] ?? 0;
  const label = await asSuperuser(primary, async (client) => {
    await client.query("select pg_backup_start('standby', true)");
    // Files that go while they are copied are what the label and the stream make good.
    execFileSync("sh", ["-c", 'cp -a "$1" "$2" || true', "sh", primary.dataFolder, data], { stdio: "ignore" });
    const { rows } = await client.query<{ labelfile: string }>("select labelfile from pg_backup_stop(false)");
    return rows[0]?.labelfile ?? "";
  });
  rmSync(join(data, "postmaster.pid"), { force: true });
  const conninfo = `host=127.0.0.1 port=${primary.port} user=postgres password=test application_name=${name}`;
  const files = {
    backup_label: label,
    "standby.signal": "",
    "postgresql.auto.conf": `primary_conninfo = '${conninfo}'\n`,
  };
  for (const [file, text] of Object.entries(files)) {
    const path = join(data, file);
    writeFileSync(path, text, { mode: 0o600 });
    if (user !== null) chownSync(path, user.uid, user.gid);
  }
  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "max_connections=100",
    "wal_keep_size=512MB",
    ...more,
  ];
  const argv = ["-D", data, "-p", String(own), ...settings.flatMap((setting) => ["-c", setting])];
  const child = spawn(join(reachableNative(folder), "bin", "postgres"), argv, {
    ...user,
    stdio: ["ignore", "ignore", "ignore"],
  });
  const server = { port: own };
  const isStreaming = () =>
    asSuperuser(primary, async (client) => {
      const { rows } = await client.query(
        "select from pg_stat_replication where application_name = $1 and state = 'streaming'",
        [name],
      );
      return rows.length === 1;
    });
  await eventually(`${name} follows`, isStreaming, START_TIMEOUT_MS);
  return {
    ...server,
    dataFolder: data,
    promote: () => asSuperuser(server, async (client) => void (await client.query("select pg_promote(true)"))),
    async detach() {
      await asSuperuser(server, async (client) => {
        await client.query("alter system set primary_conninfo = ''");
        await client.query("select pg_reload_conf()");
        const isAlone = async () => (await client.query("select from pg_stat_wal_receiver")).rows.length === 0;
        await eventually(`${name} follows nobody`, isAlone, START_TIMEOUT_MS);
      });
    },
    kill: () => end(child, "SIGKILL"),
    async stop() {
      await end(child, "SIGQUIT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}
