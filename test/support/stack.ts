/**
 * A whole Muster for tests, raised by its own launcher: `bin/elk-os up` as a real process, in a state folder of its own, on ports of
 * its own. Every command's output is searched for every secret of the stack, so that no test can miss a leak.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { loadConfig } from "../../cli/src/config/load.ts";
import { findLeaks } from "./leaks.ts";
import { freePorts } from "./ports.ts";

export const CHECKOUT = resolve(import.meta.dirname, "..", "..");
/** Port 9 (discard): nobody listens, so a test sends no telemetry anywhere. */
const TELEMETRY_SINK = "http://127.0.0.1:9";
/** The first `up` with an empty cache installs Directus and builds the portal: 6 minutes on two cores. */
const UP_TIMEOUT_MS = 20 * 60_000;
const COMMAND_TIMEOUT_MS = 120_000;
/** A day, which no suite lasts: a checkpoint is an entry in the log of the checkout under test. */
const CHECKPOINT_INTERVAL_MINUTES = "1440";
const SERVICES = ["postgres", "directus", "rag", "portal"] as const;
type ServiceName = (typeof SERVICES)[number];

/** Everything that names a stack, as plain JSON, so that another test file can open it again. */
export interface StackHandle {
  readonly checkout: string;
  /** Holds the state folder, HOME and TMPDIR; gone after dispose. */
  readonly folder: string;
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly profile: string;
  readonly ports: Readonly<Record<ServiceName, number>>;
  /** User that runs every command; null for the user of the test. */
  readonly runAs: { readonly uid: number; readonly gid: number } | null;
  /** Added to every command's environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface StackOptions {
  readonly profile?: string;
  /** Checkout to run; default the one that this test is in. */
  readonly checkout?: string;
  /** Default: ELK_OS_CACHE_DIR, else this checkout's own cache, so that Directus is installed once. */
  readonly cacheDir?: string;
  /** Default: a folder beside HOME and TMPDIR of the stack. */
  readonly stateDir?: string;
  readonly runAs?: StackHandle["runAs"];
  readonly environment?: StackHandle["environment"];
}

export interface Ran {
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The document on stdout; null when it is no JSON. */
  readonly json: unknown;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

export interface Stack extends StackHandle {
  readonly urls: Readonly<Record<"directus" | "mcp" | "rag" | "portal", string>>;
  /** Starts `bin/elk-os …` and does not wait. The launcher becomes the CLI, so the child's pid is the CLI's. */
  start(args: readonly string[], options?: RunOptions): { readonly child: ChildProcess; readonly ended: Promise<Ran> };
  /** Runs `bin/elk-os …` to its end. Rejects when a secret of the stack shows in its output, or past its time. */
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** The value of `secrets/<name>`. */
  secret(name: string): string;
  /** `down`, then removes every file. Rejects with what is left behind. */
  dispose(): Promise<void>;
}

/** Ports and folders of a stack of which nothing runs yet. */
export async function layOutStack(options: StackOptions = {}): Promise<Stack> {
  const checkout = options.checkout ?? CHECKOUT;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "muster-stack-")));
  const runAs = options.runAs ?? null;
  // Services run as another user when elk-os runs as root, and must walk through to their own folders.
  chmodSync(folder, 0o711);
  for (const name of ["home", "tmp"]) mkdirSync(join(folder, name), { mode: 0o700 });
  if (runAs !== null)
    for (const path of [folder, ...["home", "tmp"].map((name) => join(folder, name))])
      chownSync(path, runAs.uid, runAs.gid);
  const [postgres = 0, directus = 0, rag = 0, portal = 0] = await freePorts(SERVICES.length);
  return openStack({
    checkout,
    folder,
    stateDir: options.stateDir ?? join(folder, "state"),
    cacheDir: options.cacheDir ?? loadConfig({ checkout: CHECKOUT }).value.cacheDir,
    profile: options.profile ?? "generic",
    ports: { postgres, directus, rag, portal },
    runAs,
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  });
}

/** From nothing to a green board: `up --json`. About 30 s, and minutes more when the cache is empty. */
export async function raiseStack(options: StackOptions = {}): Promise<{ readonly stack: Stack; readonly up: Ran }> {
  const stack = await layOutStack(options);
  const up = await stack.run(["up", "--json"], { timeoutMs: UP_TIMEOUT_MS });
  if (up.exit === 0) return { stack, up };
  const logs = logTails(stack);
  await stack.dispose().catch(() => undefined);
  throw new Error(`up ended with ${up.exit ?? up.signal}: ${up.stdout}${up.stderr}\n${logs}`);
}

/** Another view of a stack that was laid out before. */
export function openStack(handle: StackHandle): Stack {
  const start: Stack["start"] = (args, options = {}) => launch(handle, args, options);
  const run: Stack["run"] = (args, options) => start(args, options).ended;
  const url = (service: ServiceName) => `http://127.0.0.1:${handle.ports[service]}`;
  return {
    ...handle,
    urls: { directus: url("directus"), mcp: `${url("directus")}/mcp`, rag: url("rag"), portal: url("portal") },
    start,
    run,
    secret: (name) => readFileSync(join(handle.stateDir, "secrets", name), "utf8").trim(),
    async dispose() {
      const down = await run(["down", "--json"]);
      const leaks = findLeaks({
        folder: handle.folder,
        ports: Object.values(handle.ports),
        stateDir: handle.stateDir,
        privateFolders: [join(handle.folder, "home"), join(handle.folder, "tmp")],
      });
      rmSync(handle.stateDir, { recursive: true, force: true });
      rmSync(handle.folder, { recursive: true, force: true });
      if (down.exit !== 0) throw new Error(`down ended with ${down.exit}: ${down.stdout}`);
      if (leaks.length > 0) throw new Error(`down left behind:\n${leaks.join("\n")}`);
    },
  };
}

function launch(handle: StackHandle, args: readonly string[], options: RunOptions): ReturnType<Stack["start"]> {
  const child = spawn(join(handle.checkout, "bin", "elk-os"), args, {
    cwd: handle.folder,
    env: { ...environmentOf(handle), ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
    ...(handle.runAs ?? {}),
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const timeoutMs = options.timeoutMs ?? (args[0] === "up" ? UP_TIMEOUT_MS : COMMAND_TIMEOUT_MS);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, timeoutMs);
  const finish = async (): Promise<Ran> => {
    await once(child, "close");
    clearTimeout(timer);
    const stdout = Buffer.concat(out).toString("utf8");
    const stderr = Buffer.concat(err).toString("utf8");
    assertNoSecret(handle, args, stdout + stderr);
    if (isLate) throw new Error(`elk-os ${args.join(" ")} did not end within ${timeoutMs} ms.\n${stdout}${stderr}`);
    return { exit: child.exitCode, signal: child.signalCode, stdout, stderr, json: parseJson(stdout) };
  };
  return { child, ended: finish() };
}

/** Set by npm and by the launcher for whatever they start: folders and files of the tester, which another user may not enter. */
const NPM_PLACES = /^npm_config_(cache|userconfig)$/i;

/** The tester's environment without settings of Muster, of Node and of the test runner; HOME and TMPDIR are the stack's own. */
function environmentOf(handle: StackHandle): Record<string, string> {
  const inherited = Object.entries(process.env)
    .filter(([name]) => !/^(ELK_OS_|NODE_|VITEST|TEST$|CI$)/.test(name))
    .filter(([name]) => handle.runAs === null || !NPM_PLACES.test(name))
    .flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const userSettings = join(homedir(), ".npmrc");
  return {
    ...Object.fromEntries(inherited),
    ...(handle.runAs === null && existsSync(userSettings) ? { npm_config_userconfig: userSettings } : {}),
    PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`,
    HOME: join(handle.folder, "home"),
    TMPDIR: join(handle.folder, "tmp"),
    LANG: "C.UTF-8",
    ELK_OS_STATE_DIR: handle.stateDir,
    ELK_OS_CACHE_DIR: handle.cacheDir,
    ELK_OS_DRIVER: "embedded",
    ELK_OS_PROFILE: handle.profile,
    ELK_OS_TELEMETRY_URL: TELEMETRY_SINK,
    ELK_OS_CHECKPOINT_INTERVAL_MINUTES: CHECKPOINT_INTERVAL_MINUTES,
    ...Object.fromEntries(SERVICES.map((name) => [`ELK_OS_${name.toUpperCase()}_PORT`, String(handle.ports[name])])),
    ...handle.environment,
  };
}

function assertNoSecret(handle: StackHandle, args: readonly string[], output: string): void {
  const folder = join(handle.stateDir, "secrets");
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const value = readFileSync(join(folder, name), "utf8").trim();
    if (value !== "" && output.includes(value)) throw new Error(`elk-os ${args.join(" ")} prints secrets/${name}.`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Help and plain answers are no JSON.
    return null;
  }
}

function logTails({ stateDir }: StackHandle): string {
  const folder = join(stateDir, "logs");
  if (!existsSync(folder)) return "";
  return readdirSync(folder)
    .map((name) => `${name}: ${readFileSync(join(folder, name), "utf8").slice(-2_000)}`)
    .join("\n");
}
