/**
 * One supervised service. Written so that the supervisor can die at any line: what runs is always found again by
 * its record, and a record without a live process is a service to start anew.
 */
import {
  currentBootId,
  findByVariable,
  isAlive,
  killGroup,
  nameProcess,
  type ProcessName,
  signalProcess,
} from "../../../host/process-table.ts";
import { spawnResident } from "../../../host/spawn-resident.ts";
import { waitUntil } from "../../../host/wait.ts";
import type { ChildRecord, LaunchSpec } from "./launch-spec.ts";
import { lastWords, rotateLog } from "./log-rotation.ts";
import type { Records } from "./records.ts";
import { decideRestart } from "./restart-budget.ts";

/** How often an adopted process (no child of ours, so the kernel tells us nothing) is looked at. */
const ADOPTED_POLL_MS = 500;
const STOP_POLL_MS = 25;
/** After SIGKILL only an uninterruptible disk wait keeps a process. */
const KILL_WAIT_MS = 10_000;

/** Set for every process that a supervisor starts: the run folder and the service or chore, which no other process carries. */
export const MARK = "ELK_OS_SUPERVISED";

export class Child {
  readonly #records: Records;
  #record: ChildRecord;
  #restartTimes: number[] = [];
  #timer: NodeJS.Timeout | null = null;
  #launching: Promise<void> = Promise.resolve();
  #stopping = false;
  /** Only the exit of the process that is current now counts. */
  #generation = 0;

  private constructor(records: Records, record: ChildRecord) {
    this.#records = records;
    this.#record = record;
  }

  /** Starts a service. It counts as started when the process exists; whether it answers is the driver's to find out. */
  static async start(records: Records, spec: LaunchSpec, order: number): Promise<Child> {
    const child = new Child(records, {
      service: spec.service,
      state: "restarting",
      process: null,
      bootId: currentBootId(),
      port: spec.port,
      inputHash: spec.inputHash,
      restarts: 0,
      startedAt: null,
      reason: null,
      order,
      spec,
    });
    await child.#launch();
    return child;
  }

  /** Takes over what a dead supervisor left: the live process as it is, a dead one by a restart. */
  static adopt(records: Records, record: ChildRecord): Child {
    const child = new Child(records, record);
    if (record.state === "failed") return child;
    if (record.process !== null && isAlive(record.process)) child.#watchAdopted(record.process);
    else child.#onEnd(child.#generation, "it ended while no supervisor ran");
    return child;
  }

  get record(): ChildRecord {
    return this.#record;
  }

  rotate(): void {
    rotateLog(this.#record.spec.logFile);
  }

  /** Graceful steps, then SIGKILL to its own process group; removes the record. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.release();
    await this.#launching;
    const process = this.#record.process;
    if (process !== null) await endProcess(process, this.#record.spec.stop);
    this.#records.removeChild(this.#record.service);
  }

  /** Stops watching and leaves the process alone. */
  release(): void {
    this.#generation += 1;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #launch(): Promise<void> {
    const generation = ++this.#generation;
    try {
      await this.#endStrays();
      rotateLog(this.#record.spec.logFile);
      const resident = await spawnResident({
        argv: this.#record.spec.argv,
        cwd: this.#record.spec.cwd,
        environment: { ...this.#record.spec.environment, [MARK]: this.#mark },
        runAs: this.#record.spec.runAs,
        logFile: this.#record.spec.logFile,
      });
      this.#write({
        state: "running",
        process: nameProcess(resident.pid),
        startedAt: new Date().toISOString(),
        reason: null,
      });
      void resident.ended.then(({ code, signal }) =>
        this.#onEnd(generation, signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`),
      );
    } catch (error) {
      this.#write({ state: "failed", process: null, reason: `it cannot be started: ${textOf(error)}` });
    }
  }

  /** A supervisor that died between starting a process and recording it leaves one that only its mark tells. */
  async #endStrays(): Promise<void> {
    for (const stray of findByVariable(`${MARK}=${this.#mark}`)) await endProcess(stray, this.#record.spec.stop);
  }

  get #mark(): string {
    return `${this.#records.folder}/${this.#record.service}`;
  }

  #watchAdopted(process: ProcessName): void {
    const generation = ++this.#generation;
    const look = () => {
      if (generation !== this.#generation) return;
      if (!isAlive(process)) this.#onEnd(generation, "it ended (exit code unknown: adopted process)");
      else this.#timer = setTimeout(look, ADOPTED_POLL_MS);
    };
    look();
  }

  #onEnd(generation: number, how: string): void {
    if (this.#stopping || generation !== this.#generation) return;
    const ended = this.#record.process;
    if (ended !== null) killGroup(ended);
    const now = performance.now();
    const decision = decideRestart(this.#restartTimes, now, this.#record.spec.restarts);
    const tail = lastWords(this.#record.spec.logFile);
    const reason = `${how}${tail === "" ? "" : `; last log: ${tail}`}`;
    if (decision.kind === "give-up") {
      this.#write({ state: "failed", process: null, reason: `restart budget is spent: ${reason}` });
      return;
    }
    this.#restartTimes = [...this.#restartTimes, now];
    this.#write({ state: "restarting", process: null, restarts: this.#record.restarts + 1, reason });
    this.#timer = setTimeout(() => {
      this.#launching = this.#launch();
    }, decision.delayMs);
  }

  #write(change: Partial<ChildRecord>): void {
    this.#record = { ...this.#record, ...change };
    if (!this.#stopping) this.#records.writeChild(this.#record);
  }
}

/** Ends exactly that process: each signal with its grace, then SIGKILL to what is left of its group. */
export async function endProcess(process: ProcessName, steps: LaunchSpec["stop"]): Promise<void> {
  for (const step of steps) {
    if (!signalProcess(process, step.signal)) break;
    if (await waitUntil(() => !isAlive(process), { timeoutMs: step.graceMs, intervalMs: STOP_POLL_MS })) break;
  }
  killGroup(process);
  await waitUntil(() => !isAlive(process), { timeoutMs: KILL_WAIT_MS, intervalMs: STOP_POLL_MS });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
