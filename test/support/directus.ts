/**
 * A real Directus for tests: the pinned runtime from the cache, started with the same argv, environment and extension as the embedded
 * driver's, against a Postgres that the caller runs. Nothing is mocked.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { deriveServiceKey } from "@muster/board/identity";
import { loadConfig } from "../../cli/src/config/load.ts";
import { configSchema } from "../../cli/src/config/schema.ts";
import { ensureEntry, entryPath } from "../../cli/src/drivers/embedded/staging/cache-entry.ts";
import { directusRuntime } from "../../cli/src/drivers/embedded/staging/directus-runtime.ts";
import { extensionBundle } from "../../cli/src/drivers/embedded/staging/extension-bundle.ts";
import { runCommand } from "../../cli/src/host/run.ts";
import { type Resident, spawnResident } from "../../cli/src/host/spawn-resident.ts";
import { directus, directusArgv, directusBootstrapEnvironment } from "../../cli/src/services/directus.ts";
import type { ServiceContext, ServiceFile, StageId } from "../../cli/src/services/service-def.ts";
import type { SecretStore } from "../../cli/src/state/secrets.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..");
/** Bootstrap and start take 4 s and 3 s on two idle cores. */
const BOOTSTRAP_TIMEOUT_MS = 120_000;
const READY_TIMEOUT_MS = 120_000;
const POLL_MS = 100;
const STOP_GRACE_MS = 10_000;
/** Port 9 (discard): nobody listens, so a test sends no telemetry anywhere. */
const TELEMETRY_SINK = "http://127.0.0.1:9";

export interface DirectusOptions {
  /** Loopback port of a Postgres that has the board's roles. */
  readonly postgresPort: number;
  /** Database in which Directus makes its tables; default the product's. */
  readonly database?: string;
  /** Holds instance_key, muster_directus_password, directus_secret, directus_admin_password and directus_admin_token. */
  readonly secrets: SecretStore;
  readonly instanceId: string;
  /** Loopback port that it shall listen on. */
  readonly port: number;
  /** Existing empty folder; the caller removes it. */
  readonly folder: string;
  /** Another folder of extensions than our built one; for tests of its absence. */
  readonly extensionsPath?: string;
  /** Other stages than the checkout's own from the cache, with the Node that runs them. */
  readonly stages?: DirectusStages;
  /** Its tables and this administrator are in the database already. Default false. */
  readonly isBootstrapped?: boolean;
}

/** Folders, and a program. */
export type DirectusStages = Readonly<Record<"node" | "directus-runtime" | "extension", string>>;

export interface RunningDirectus {
  readonly url: string;
  readonly adminToken: string;
  /** Key by which its identity answers are verified. */
  readonly identityKey: Buffer;
  readonly pid: number;
  /** What it signs its sessions with. */
  secret(): string;
  /** Everything that it wrote so far. */
  log(): string;
  /** SIGTERM, then SIGKILL after 10 s; returns when it has ended. */
  stop(): Promise<void>;
}

/** Installs (once per lock file), bootstraps unless that was done, starts, and returns when Directus answers. Rejects with the end of its log. */
export async function startDirectus(options: DirectusOptions): Promise<RunningDirectus> {
  const context = await prepare(options);
  const logFile = join(options.folder, "directus.log");
  writeFileSync(logFile, "");
  const place = { PATH: dirname(process.execPath), HOME: options.folder, TZ: "UTC" };
  const database = options.database === undefined ? {} : { DB_DATABASE: options.database };
  if (options.isBootstrapped !== true) {
    await runCommand(directusArgv(context, "bootstrap"), {
      purpose: "Directus could not be bootstrapped",
      timeoutMs: BOOTSTRAP_TIMEOUT_MS,
      cwd: directus.cwd(context),
      environment: { ...place, ...directusBootstrapEnvironment(context), ...database },
      cleanEnvironment: true,
    });
  }
  const resident = await spawnResident({
    argv: directus.argv(context),
    cwd: directus.cwd(context),
    environment: { ...place, ...directus.environment(context), ...database },
    runAs: null,
    logFile,
  });
  const url = `http://127.0.0.1:${options.port}`;
  const log = () => readFileSync(logFile, "utf8");
  const stop = () => end(resident);
  try {
    await waitForPing(url, resident);
  } catch (cause) {
    await stop();
    throw new Error(`Directus did not answer at ${url}.\n${log().slice(-4000)}`, { cause });
  }
  return {
    url,
    adminToken: options.secrets.read("directus_admin_token").reveal(),
    identityKey: deriveServiceKey(instanceKey(options.secrets), "directus"),
    pid: resident.pid,
    secret: () => options.secrets.read("directus_secret").reveal(),
    log,
    stop,
  };
}

/** What it runs, as it lies in the cache. */
export function directusEntries() {
  const stage = { checkout: CHECKOUT, hasServiceUser: false };
  return { "directus-runtime": directusRuntime.entry(stage), extension: extensionBundle.entry(stage) };
}

async function prepare(options: DirectusOptions): Promise<ServiceContext> {
  const cacheDir = cacheFolder();
  const stages = options.stages ?? (await ownStages(cacheDir));
  const staged = (id: StageId) => {
    if (id === "extension" && options.extensionsPath !== undefined) return options.extensionsPath;
    if (id === "node" || id === "extension" || id === "directus-runtime") return stages[id];
    throw new Error(`Directus needs no stage ${id}.`);
  };
  const place = (name: string) => {
    mkdirSync(join(options.folder, name), { recursive: true });
    return join(options.folder, name);
  };
  const context: ServiceContext = {
    config: configSchema.parse({
      stateDir: options.folder,
      cacheDir,
      instance: "test",
      postgresPort: options.postgresPort,
      directusPort: options.port,
      telemetryUrl: TELEMETRY_SINK,
    }),
    driver: "embedded",
    instanceId: options.instanceId,
    version: "0.1.0",
    build: "test",
    profile: () => {
      throw new Error("Directus reads no profile.");
    },
    places: {
      files: place("files"),
      scratch: place("scratch"),
      data: place("data"),
      memory: place("memory"),
      log: place("log"),
      docs: place("docs"),
      constitution: join(options.folder, "CLAUDE.md"),
    },
    network: {
      listen: "127.0.0.1",
      doorHosts: ["127.0.0.1"],
      hostOf: () => "127.0.0.1",
      peers: ["127.0.0.1/32"],
      sockets: null,
    },
    staged,
  };
  for (const folder of directus.dataFolders) place(join("data", folder));
  for (const [name, file] of Object.entries({ ...directus.files, ...directus.installFiles })) {
    writeFileSync(join(context.places.files, name), contentOf(file, context, options.secrets));
    chmodSync(join(context.places.files, name), 0o600);
  }
  return context;
}

async function ownStages(cacheDir: string): Promise<DirectusStages> {
  const entries = directusEntries();
  const { signal } = new AbortController();
  for (const entry of Object.values(entries)) await ensureEntry(cacheDir, entry, () => undefined, signal);
  return {
    node: process.execPath,
    "directus-runtime": entryPath(cacheDir, entries["directus-runtime"]),
    extension: entryPath(cacheDir, entries.extension),
  };
}

/** Installed runtimes are shared with the checkout's own stack, because the Directus install takes minutes without it. */
function cacheFolder(): string {
  return loadConfig().value.cacheDir;
}

function contentOf(file: ServiceFile, context: ServiceContext, secrets: SecretStore): string {
  if (file.kind === "text") return file.render(context);
  if (file.kind === "secret") return secrets.read(file.name).reveal();
  return deriveServiceKey(instanceKey(secrets), file.service).toString("hex");
}

function instanceKey(secrets: SecretStore): Buffer {
  return Buffer.from(secrets.read("instance_key").reveal(), "hex");
}

async function waitForPing(url: string, resident: Resident): Promise<void> {
  const ended = resident.ended.then(({ code, signal }) => {
    throw new Error(`It ended with ${code ?? signal}.`);
  });
  const deadline = Date.now() + READY_TIMEOUT_MS;
  const ready = async () => {
    while (!(await answersPing(url))) {
      if (Date.now() > deadline) throw new Error(`It was not ready within ${READY_TIMEOUT_MS} ms.`);
      await sleep(POLL_MS);
    }
  };
  await Promise.race([ready(), ended]);
}

async function answersPing(url: string): Promise<boolean> {
  try {
    return (await (await fetch(`${url}/server/ping`, { signal: AbortSignal.timeout(2_000) })).text()) === "pong";
  } catch {
    // Not listening yet.
    return false;
  }
}

async function end({ pid, ended }: Resident): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself.
    }
    const hasEnded = await Promise.race([ended.then(() => true), sleep(STOP_GRACE_MS, false, { ref: false })]);
    if (hasEnded) return;
  }
}
