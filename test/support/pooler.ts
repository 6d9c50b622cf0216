/** A real transaction pooler before a Postgres: pgbouncer from PATH. It speaks to the server in its caller's name, by the passwords given here. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "./ports.ts";
import { eventually } from "./processes.ts";

const START_TIMEOUT_MS = 20_000;
/** uid and gid of `nobody` on Debian and its relatives; pgbouncer refuses to run as root. */
const NOBODY = 65534;

export function hasPooler(): boolean {
  try {
    execFileSync("pgbouncer", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export interface Pooler {
  readonly port: number;
  stop(): Promise<void>;
}

/** `passwords`: by role. `at`: its port; left out, a free one. */
export async function startPooler(
  to: number,
  passwords: Readonly<Record<string, string>>,
  at?: number,
): Promise<Pooler> {
  const folder = mkdtempSync(join(tmpdir(), "muster-pooler-"));
  chmodSync(folder, 0o755);
  const port = at ?? (await freePorts(1))[0] ?? 0;
  const users = join(folder, "users.txt");
  writeFileSync(
    users,
    Object.entries(passwords)
      .map(([role, password]) => `"${role}" "${password}"\n`)
      .join(""),
  );
  const settings = {
    listen_addr: "127.0.0.1",
    listen_port: port,
    unix_socket_dir: "",
    auth_type: "scram-sha-256",
    auth_file: users,
    pool_mode: "transaction",
    default_pool_size: 4,
    // By default it tries for 15 s no more in the name of a role that the server refused once.
    server_login_retry: 1,
  };
  const file = join(folder, "pgbouncer.ini");
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(file, `[databases]\n* = host=127.0.0.1 port=${to}\n[pgbouncer]\n${lines.join("\n")}\n`);
  const runAs = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn("pgbouncer", [file], { ...runAs, stdio: "ignore" });
  await eventually("the pooler listens", () => isOpen(port), START_TIMEOUT_MS);
  return {
    port,
    async stop() {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(socket.destroy() !== null));
    socket.once("error", () => resolve(false));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGINT");
  await ended;
}
