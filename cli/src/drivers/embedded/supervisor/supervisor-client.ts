import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CliError } from "../../../errors/cli-error.ts";
import { ensureDir } from "../../../host/files.ts";
import { isAlive, killGroup } from "../../../host/process-table.ts";
import { spawnResident } from "../../../host/spawn-resident.ts";
import { waitFor, waitUntil } from "../../../host/wait.ts";
import type { SupervisorRecord } from "./launch-spec.ts";
import { lastWords } from "./log-rotation.ts";
import { replySchema, type SupervisorReply, type SupervisorRequest } from "./protocol.ts";
import { openRecords } from "./records.ts";

type Success = Extract<SupervisorReply, { ok: true }>;

export interface SupervisorClient {
  readonly record: SupervisorRecord;
  /** @throws CliError SERVICE_FAILED when the supervisor refuses or does not answer in time. */
  ask(request: SupervisorRequest, timeoutMs?: number): Promise<Success>;
  /** Resolves when the supervisor's process has ended. */
  gone(timeoutMs: number): Promise<boolean>;
}

export interface SupervisorPlace {
  readonly runDir: string;
  readonly logsDir: string;
  /** Where Node keeps what it compiled: spares the resident process 20 MB for the compiler of TypeScript. */
  readonly compileCache: string;
}

const START_TIMEOUT_MS = 15_000;
const POLL_MS = 25;
/** Longer than the longest stop ladder (Postgres: 30 s + 5 s, then SIGKILL). */
const ASK_TIMEOUT_MS = 60_000;
const STATUS_TIMEOUT_MS = 5_000;

/** The supervisor of this state folder, when one lives. */
export function findSupervisor(place: SupervisorPlace): SupervisorClient | null {
  const record = openRecords(place.runDir).readSupervisor();
  return record !== null && isAlive(record) ? clientOf(record) : null;
}

/**
 * The supervisor of this state folder: found, started, or replaced when it runs other code than this CLI or
 * does not answer. A replaced or killed supervisor's services are adopted by the new one and go on running.
 */
export async function ensureSupervisor(place: SupervisorPlace, signal: AbortSignal): Promise<SupervisorClient> {
  const hash = sourceHash();
  const found = findSupervisor(place);
  if (found !== null) {
    if (found.record.sourceHash === hash && (await answers(found))) return found;
    await retire(found);
  }
  ensureDir(place.runDir, { mode: 0o711, owner: null });
  ensureDir(place.logsDir, { mode: 0o711, owner: null });
  const logFile = join(place.logsDir, "supervisor.log");
  const main = fileURLToPath(new URL("supervisor-main.ts", import.meta.url));
  const resident = await spawnResident({
    argv: [process.execPath, main, place.runDir, hash],
    cwd: "/",
    environment: {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      LANG: "C.UTF-8",
      NODE_COMPILE_CACHE: place.compileCache,
    },
    runAs: null,
    logFile,
  });
  const started = await waitFor(
    async () => {
      const client = findSupervisor(place);
      return client !== null && client.record.pid === resident.pid && (await answers(client)) ? client : null;
    },
    { timeoutMs: START_TIMEOUT_MS, intervalMs: POLL_MS, signal },
  );
  if (started !== null) return started;
  throw new CliError("SERVICE_FAILED", {
    message: `The supervisor did not start within ${START_TIMEOUT_MS} ms. ${lastWords(logFile)}`.trim(),
    hint: "Read supervisor.log in the logs folder, then run `elk-os up` again.",
  });
}

async function answers(client: SupervisorClient): Promise<boolean> {
  try {
    await client.ask({ op: "status" }, STATUS_TIMEOUT_MS);
    return true;
  } catch {
    // Not listening yet, or hung: the caller waits or replaces it.
    return false;
  }
}

async function retire(client: SupervisorClient): Promise<void> {
  try {
    await client.ask({ op: "release" }, STATUS_TIMEOUT_MS);
  } catch {
    // It hangs. Its services are recorded on disk, so it can be killed and its work taken over.
  }
  if (await client.gone(STATUS_TIMEOUT_MS)) return;
  killGroup(client.record);
  await client.gone(STATUS_TIMEOUT_MS);
}

function clientOf(record: SupervisorRecord): SupervisorClient {
  return {
    record,
    async ask(request, timeoutMs = ASK_TIMEOUT_MS) {
      const reply = replySchema.parse(JSON.parse(await exchange(record.socket, JSON.stringify(request), timeoutMs)));
      if (reply.ok) return reply;
      throw new CliError("SERVICE_FAILED", {
        message: `The supervisor could not carry out "${request.op}": ${reply.message}`,
        hint: "Read supervisor.log in the logs folder, then run `elk-os up` again.",
      });
    },
    gone: (timeoutMs) => waitUntil(() => !isAlive(record), { timeoutMs, intervalMs: POLL_MS }),
  };
}

function exchange(path: string, line: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(path);
    const fail = (error: Error) => {
      socket.destroy();
      reject(
        new CliError("SERVICE_FAILED", {
          message: `The supervisor does not answer: ${error.message}`,
          hint: "Run `elk-os up`: it replaces a supervisor that hangs and keeps its services.",
          cause: error,
        }),
      );
    };
    socket.setEncoding("utf8");
    socket.setTimeout(timeoutMs, () => fail(new Error(`no answer within ${timeoutMs} ms`)));
    socket.on("error", fail);
    socket.on("connect", () => socket.write(`${line}\n`));
    socket.on("data", (chunk: string) => {
      text += chunk;
    });
    socket.on("end", () => (text === "" ? fail(new Error("it closed the connection")) : resolve(text)));
  });
}

/** Digest of the code a supervisor runs: this folder and host/. Tests beside it do not count. */
function sourceHash(): string {
  const hash = createHash("sha256");
  for (const folder of [new URL(".", import.meta.url), new URL("../../../host/", import.meta.url)]) {
    for (const name of readdirSync(folder).sort()) {
      if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
      hash.update(`${name}\n`).update(readFileSync(new URL(name, folder)));
    }
  }
  return hash.digest("hex");
}
