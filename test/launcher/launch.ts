import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Answer } from "./fixture-checkout.ts";

/** The checkout under test. */
export const CHECKOUT = resolve(import.meta.dirname, "../..");

/** Only this file of these tests reads the environment. */
const ambient = process.env;
const ambientPath = ambient["PATH"] ?? "";

/** What a machine has that has nothing: the tools of Debian's essential packages that the launcher calls. */
const ESSENTIAL =
  `awk base64 basename cat chmod cp cut date dirname env flock grep gzip head id ln ls mkdir mv od printenv
  readlink rm sed sh sha256sum sha512sum sleep stat tail tar tr uname`.split(/\s+/);

export interface Settings {
  readonly path: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly uid?: number;
}

export interface Outcome {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a command is on the PATH of the test run; null when it is not installed. */
export function findCommand(name: string): string | null {
  const folders = ambientPath.split(delimiter).filter((folder) => folder.startsWith("/"));
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

/**
 * Makes a folder to be the whole PATH: the essential tools, the named commands of this machine, and, with "npm",
 * this machine's npm on its own Node while no `node` is on the PATH itself.
 */
export async function makePath(folder: string, extras: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of [...ESSENTIAL, ...extras.filter((extra) => extra !== "npm")]) {
    const found = findCommand(name);
    if (found === null) throw new Error(`${name} is not installed here`);
    symlinkSync(found, join(folder, name));
  }
  if (extras.includes("npm")) {
    writeFileSync(join(folder, "npm"), `#!/bin/sh\nPATH='${ambientPath}' exec npm "$@"\n`, { mode: 0o755 });
  }
  return folder;
}

/** A PATH with this test run's own Node (>= 24) and npm before the essential tools. */
export async function makeModernPath(folder: string): Promise<string> {
  const tools = await makePath(folder, ["npm"]);
  symlinkSync(process.execPath, join(tools, "node"));
  return tools;
}

/**
 * A PATH with this test run's own Node and npm and nothing else of this machine: where `makeModernPath` lends npm the rest of it, npm finds
 * no compiler, no make and no Python here.
 */
export async function makePathWithoutCompiler(folder: string): Promise<string> {
  const tools = await makePath(folder, []);
  const npm = findCommand("npm");
  if (npm === null) throw new Error("npm is not installed here");
  symlinkSync(process.execPath, join(tools, "node"));
  symlinkSync(npm, join(tools, "npm"));
  return tools;
}

export function registry(): string {
  return npmSetting("registry");
}

/** The text of this machine's own npm settings; without them its registry may be out of reach. */
export function siteSettings(): string {
  const path = npmSetting("globalconfig");
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** Where this test run's npm was told to look for the machine's settings: the npm of a launcher's toolchain looks elsewhere by itself. */
export function siteSettingsPlace(): Readonly<Record<string, string>> {
  return { npm_config_globalconfig: npmSetting("globalconfig") };
}

/** npm as a person would run it in a checkout. Throws when it fails. */
export function runNpm(
  args: readonly string[],
  settings: { cwd: string; env: Readonly<Record<string, string>> },
): void {
  execFileSync("npm", args, { cwd: settings.cwd, env: { ...ambient, ...settings.env }, stdio: "pipe" });
}

function npmSetting(name: string): string {
  return execFileSync("npm", ["config", "get", name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

/** Starts a launcher in a process group of its own, with only the given environment. */
export function start(launcher: string, settings: Settings): { child: ChildProcess; outcome: Promise<Outcome> } {
  const child = spawn(launcher, settings.args ?? [], {
    cwd: settings.cwd ?? "/",
    env: { PATH: settings.path, HOME: "/nonexistent", CI: "true", ...certificates(), ...settings.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    ...(settings.uid === undefined ? {} : { uid: settings.uid, gid: settings.uid }),
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  const outcome = new Promise<Outcome>((done, failed) => {
    child.once("error", failed);
    child.once("close", (exit) => done({ exit, stdout, stderr }));
  });
  return { child, outcome };
}

export function launch(launcher: string, settings: Settings): Promise<Outcome> {
  return start(launcher, settings).outcome;
}

/** The answer of a launch that must have worked. */
export function answerOf(outcome: Outcome): Answer {
  if (outcome.exit !== 0) throw new Error(`exit ${outcome.exit}: ${outcome.stderr}`);
  return JSON.parse(outcome.stdout) as Answer;
}

/** Kills what `start` started and everything below it. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid !== undefined) process.kill(-child.pid, signal);
}

/** Waits until a condition holds. Throws after the deadline, with the condition's name. */
export async function until(what: string, condition: () => boolean, deadlineMs = 60_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await delay(20);
  }
}

export function entries(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

export function isRunning(pid: number): boolean {
  const status = join("/proc", String(pid), "status");
  if (!existsSync(status)) return false;
  const state = execFileSync("sh", ["-c", `grep '^State:' ${status} || :`], { encoding: "utf8" });
  return state !== "" && !state.includes("Z");
}

/** What this machine needs to trust its own network, if anything. */
function certificates(): Record<string, string> {
  const names = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"];
  return Object.fromEntries(names.flatMap((name) => (ambient[name] === undefined ? [] : [[name, ambient[name]]])));
}
