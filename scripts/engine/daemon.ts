import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  findProcess,
  isAlive,
  nameProcess,
  type ProcessName,
  signalProcess,
} from "../../cli/src/host/process-table.ts";
import { waitUntil } from "../../cli/src/host/wait.ts";
import { run, say, tryRun, unmountBelow } from "./command.ts";
import { controlGroup, type EnginePlace, engineEnvironment } from "./place.ts";

const START_MS = 60_000;
const STOP_MS = 60_000;
const GROUPS_MS = 15_000;
const FORWARD = "/proc/sys/net/ipv4/ip_forward";

interface Before {
  readonly daemon: ProcessName;
  readonly forward: string;
  /** Rules by table, as iptables-save prints them. */
  readonly rules: string;
}

/** Does some engine answer already, other than ours? Its chains in the packet filter would be shared. */
export function foreignEngine(place: EnginePlace): string | null {
  const host = process.env["DOCKER_HOST"];
  if (host === `unix://${place.socket}`) return null;
  return tryRun("docker", ["version", "--format", "{{.Server.Version}}"])?.trim() ?? null;
}

export function runningDaemon(place: EnginePlace): ProcessName | null {
  if (!existsSync(place.before)) return null;
  const { daemon }: Before = JSON.parse(readFileSync(place.before, "utf8"));
  return isAlive(daemon) ? daemon : null;
}

/** Starts dockerd with everything it writes below the place. True when it was started. @throws Error with the end of its log */
export async function startDaemon(place: EnginePlace): Promise<boolean> {
  const environment = engineEnvironment(place);
  if (runningDaemon(place) !== null) return false;
  mkdirSync(place.data, { recursive: true });
  const rules = run(join(place.bin, "iptables-save"), [], { environment });
  const forward = readFileSync(FORWARD, "utf8");
  const log = openSync(place.log, "w", 0o600);
  const child = spawn(
    join(place.bin, "dockerd"),
    [
      `--data-root=${place.data}`,
      `--exec-root=${place.exec}`,
      `--pidfile=${place.pidFile}`,
      `--host=unix://${place.socket}`,
      `--config-file=${join(place.config, "daemon.json")}`,
      // Compose makes its own networks; without the default bridge, no name on this machine is ever shared.
      "--bridge=none",
      `--cgroup-parent=/${controlGroup(place)}`,
    ],
    { detached: true, stdio: ["ignore", log, log], env: { ...process.env, ...environment } },
  );
  closeSync(log);
  child.unref();
  const daemon = child.pid === undefined ? null : nameProcess(child.pid);
  if (daemon === null) throw new Error(`dockerd ended at once:\n${tail(place)}`);
  writeFileSync(place.before, JSON.stringify({ daemon, forward, rules } satisfies Before));
  const answers = () => tryRun("docker", ["version", "--format", "{{.Server.Version}}"], { environment }) !== null;
  const isUp = await waitUntil(() => !isAlive(daemon) || answers(), { timeoutMs: START_MS, intervalMs: 200 });
  if (isUp && isAlive(daemon)) return true;
  const why = tail(place);
  await stopDaemon(place);
  throw new Error(`dockerd did not answer within ${START_MS / 1000} s:\n${why}`);
}

/** Removes every container and network, ends the daemon, and puts the packet filter back. Images stay for the next start. */
export async function stopDaemon(place: EnginePlace): Promise<boolean> {
  if (!existsSync(place.before)) return false;
  const environment = engineEnvironment(place);
  const before: Before = JSON.parse(readFileSync(place.before, "utf8"));
  const lines = (text: string | null) => (text ?? "").split("\n").filter((line) => line !== "");
  if (isAlive(before.daemon)) {
    const containers = lines(tryRun("docker", ["ps", "-aq"], { environment }));
    if (containers.length > 0) run("docker", ["rm", "--force", "--volumes", ...containers], { environment });
    const networks = lines(tryRun("docker", ["network", "ls", "-q", "--filter", "type=custom"], { environment }));
    if (networks.length > 0) run("docker", ["network", "rm", ...networks], { environment });
    const volumes = lines(tryRun("docker", ["volume", "ls", "-q"], { environment }));
    if (volumes.length > 0) run("docker", ["volume", "rm", ...volumes], { environment });
    signalProcess(before.daemon, "SIGTERM");
    const ended = await waitUntil(() => !isAlive(before.daemon), { timeoutMs: STOP_MS, intervalMs: 100 });
    if (!ended) throw new Error(`dockerd (pid ${before.daemon.pid}) did not end within ${STOP_MS / 1000} s`);
  }
  restoreFilter(place, before);
  writeFileSync(FORWARD, before.forward);
  unmountBelow(place.root);
  await removeGroups(place);
  for (const path of [place.exec, place.socket, place.pidFile, place.before])
    rmSync(path, { recursive: true, force: true });
  return true;
}

/** Takes away the chains that were not there before: jumps to them first, then each chain. */
function restoreFilter(place: EnginePlace, { rules }: Before): void {
  const environment = engineEnvironment(place);
  const iptables = (...args: readonly string[]) => tryRun(join(place.bin, "iptables"), args, { environment });
  const known = parseRules(rules);
  const now = parseRules(run(join(place.bin, "iptables-save"), [], { environment }));
  for (const [table, { chains, appended, policies }] of now) {
    const old = known.get(table);
    for (const rule of appended) {
      if (old?.appended.includes(rule) === true) continue;
      iptables("-t", table, ...rule.replace(/^-A/, "-D").split(" "));
    }
    for (const chain of chains) if (old?.chains.includes(chain) !== true) iptables("-t", table, "-X", chain);
    for (const [chain, policy] of policies) {
      const wanted = old?.policies.get(chain) ?? "ACCEPT";
      if (policy !== wanted) iptables("-t", table, "-P", chain, wanted);
    }
  }
}

interface Table {
  readonly chains: string[];
  readonly appended: string[];
  readonly policies: Map<string, string>;
}

function parseRules(text: string): ReadonlyMap<string, Table> {
  const tables = new Map<string, Table>();
  let table: Table = { chains: [], appended: [], policies: new Map() };
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) {
      table = { chains: [], appended: [], policies: new Map() };
      tables.set(line.slice(1), table);
    } else if (line.startsWith(":")) {
      const [chain = "", policy = ""] = line.slice(1).split(" ");
      if (policy === "-") table.chains.push(chain);
      else table.policies.set(chain, policy);
    } else if (line.startsWith("-A")) table.appended.push(line);
  }
  return tables;
}

/** A group is busy for a moment after its last process has ended. */
async function removeGroups(place: EnginePlace): Promise<void> {
  const groups = ["", ...readdirSync("/sys/fs/cgroup")]
    .map((controller) => join("/sys/fs/cgroup", controller, controlGroup(place)))
    .filter((path) => existsSync(path));
  const left = () => groups.filter((path) => !removeGroup(path));
  const isGone = await waitUntil(() => left().length === 0, { timeoutMs: GROUPS_MS, intervalMs: 200 });
  if (!isGone) throw new Error(`control groups are still in use: ${left().join(", ")}`);
}

/** With those below it. False while one of them is busy. */
function removeGroup(path: string): boolean {
  if (!existsSync(path)) return true;
  const below = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  if (!below.every(({ name }) => removeGroup(join(path, name)))) return false;
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EBUSY") return false;
    throw error;
  }
}

function tail({ log }: EnginePlace): string {
  const text = existsSync(log) ? readFileSync(log, "utf8") : "";
  return text.split("\n").slice(-15).join("\n");
}

/** What is left of the engine on the machine; empty after `stopDaemon`. */
export function findResidue(place: EnginePlace): readonly string[] {
  const environment = engineEnvironment(place);
  const found: string[] = [];
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const info = findProcess(Number(name));
    if (info?.exe?.startsWith(place.root) === true) found.push(`pid ${info.pid} ${info.exe}`);
  }
  if (readFileSync("/proc/self/mounts", "utf8").includes(`${place.root}/`)) found.push("a mount");
  if (/DOCKER/.test(run(join(place.bin, "iptables-save"), [], { environment })))
    found.push("a chain of the packet filter");
  for (const path of [place.socket, place.pidFile, place.exec]) if (existsSync(path)) found.push(path);
  if (found.length === 0) say("nothing of the engine is left running");
  return found;
}
