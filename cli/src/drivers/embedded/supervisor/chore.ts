/**
 * One chore: a command of our own that is carried out at an interval. It ends with its supervisor. What a killed supervisor leaves running is
 * found by its mark and ended before the chore is carried out again, so that it never runs twice.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { currentBootId, findByVariable, nameProcess, type ProcessName } from "../../../host/process-table.ts";
import { spawnResident } from "../../../host/spawn-resident.ts";
import type { ChoreId } from "../../../services/chores.ts";
import { endProcess, MARK } from "./child.ts";
import type { ChoreRecord, ChoreSpec } from "./chore-spec.ts";
import type { LaunchSpec } from "./launch-spec.ts";
import { rotateLog } from "./log-rotation.ts";
import type { Records } from "./records.ts";
import { type Clock, MONOTONIC, Rhythm } from "./rhythm.ts";

/** A chore can be carried out again, so nothing waits for it for long. */
const STOP: LaunchSpec["stop"] = [{ signal: "SIGTERM", graceMs: 1_000 }];
const LOG_MODE = 0o600;

const settingsSchema = z.record(z.string().startsWith("ELK_OS_"), z.string());

export class Chore {
  readonly #records: Records;
  readonly #clock: Clock;
  readonly #rhythm: Rhythm;
  #record: ChoreRecord;
  #process: ProcessName | null = null;
  #working: Promise<void> = Promise.resolve();
  #isStopped = false;

  private constructor(records: Records, record: ChoreRecord, firstMs: number, clock: Clock) {
    this.#records = records;
    this.#record = record;
    this.#clock = clock;
    this.#rhythm = new Rhythm({
      intervalMs: record.spec.intervalMs,
      firstMs,
      clock,
      work: () => {
        this.#working = this.#carryOut();
        return this.#working;
      },
    });
    this.#write({});
  }

  /** From now on, first after one interval. */
  static start(records: Records, spec: ChoreSpec, clock: Clock = MONOTONIC): Chore {
    const since = new Date().toISOString();
    const record = { id: spec.id, bootId: currentBootId(), since, nextAt: since, last: null, spec };
    return new Chore(records, record, spec.intervalMs, clock);
  }

  /** Goes on with what another supervisor began, at the time that it meant; where that is over, an interval from now. */
  static adopt(records: Records, record: ChoreRecord, clock: Clock = MONOTONIC): Chore {
    const leftMs = Date.parse(record.nextAt) - Date.now();
    const { intervalMs } = record.spec;
    const chore = new Chore(records, record, leftMs > 0 && leftMs <= intervalMs ? leftMs : intervalMs, clock);
    // Where it cannot be ended, the next run says so.
    chore.#working = endChore(records.folder, record.id).then(
      () => undefined,
      () => undefined,
    );
    return chore;
  }

  get record(): ChoreRecord {
    return this.#record;
  }

  rotate(): void {
    rotateLog(this.#record.spec.logFile);
  }

  /** Ends what runs and forgets the chore. */
  async stop(): Promise<void> {
    await this.release();
    this.#records.removeChore(this.#record.id);
  }

  /** Ends what runs and leaves the record to the next supervisor. */
  async release(): Promise<void> {
    this.#isStopped = true;
    this.#rhythm.stop();
    if (this.#process !== null) await endProcess(this.#process, STOP);
    await this.#working;
  }

  async #carryOut(): Promise<void> {
    const startedAt = new Date().toISOString();
    const began = this.#clock.now();
    let failure: string | null;
    try {
      failure = await this.#run();
    } catch (error) {
      failure = `it cannot be started: ${error instanceof Error ? error.message : String(error)}`;
    }
    // Ended with its supervisor: that says nothing of the chore.
    if (this.#isStopped) return;
    this.#write({ last: { startedAt, ms: Math.round(this.#clock.now() - began), failure } });
  }

  /** Null when it went well, else how it failed. */
  async #run(): Promise<string | null> {
    const { argv, cwd, environment, settingsFile, logFile, limitMs } = this.#record.spec;
    const mark = choreMark(this.#records.folder, this.#record.id);
    await endChore(this.#records.folder, this.#record.id);
    if (this.#isStopped) return null;
    rotateLog(logFile);
    this.#say("starts");
    const { pid, ended } = await spawnResident({
      argv,
      cwd,
      environment: { ...readSettings(settingsFile), ...environment, [MARK]: mark },
      runAs: null,
      logFile,
    });
    this.#process = nameProcess(pid);
    const late = Promise.withResolvers<null>();
    const callOff = this.#clock.after(limitMs, () => late.resolve(null));
    if (this.#isStopped) await this.#end();
    const end = await Promise.race([ended, late.promise]);
    callOff();
    await this.#end();
    const failure = end === null ? `it did not end within ${limitMs / 1000} s` : describeEnd(end);
    this.#say(failure ?? "has ended well");
    return failure;
  }

  /** Ends the process and whatever it started. */
  async #end(): Promise<void> {
    if (this.#process !== null) await endProcess(this.#process, STOP);
    this.#process = null;
  }

  /** A line with its time, as what a command prints has none. */
  #say(what: string): void {
    appendFileSync(this.#record.spec.logFile, `${new Date().toISOString()} ${this.#record.id}: ${what}\n`, {
      mode: LOG_MODE,
    });
  }

  #write(change: Partial<ChoreRecord>): void {
    this.#record = { ...this.#record, ...change, nextAt: new Date(Date.now() + this.#rhythm.waitMs).toISOString() };
    try {
      this.#records.writeChore(this.#record);
    } catch {
      // A full disk or a deleted state folder must not end the supervisor; the record that stays behind is seen to be overdue.
    }
  }
}

/** What the environment of a chore's processes says, and of no other's: the run folder and the chore. */
function choreMark(runDir: string, id: ChoreId): string {
  return `${runDir}/chore-${id}`;
}

/** Ends every process of the chore, whoever started it. True when there was one. */
export async function endChore(runDir: string, id: ChoreId): Promise<boolean> {
  const left = findByVariable(`${MARK}=${choreMark(runDir, id)}`);
  for (const process of left) await endProcess(process, STOP);
  return left.length > 0;
}

function describeEnd({ code, signal }: { code: number | null; signal: string | null }): string | null {
  if (signal !== null) return `it was ended by ${signal}`;
  return code === 0 ? null : `it ended with code ${code}`;
}

/** A record that is missing or damaged counts as empty, as it does for the CLI itself. */
function readSettings(path: string): Readonly<Record<string, string>> {
  if (!existsSync(path)) return {};
  try {
    return settingsSchema.safeParse(JSON.parse(readFileSync(path, "utf8"))).data ?? {};
  } catch {
    return {};
  }
}
