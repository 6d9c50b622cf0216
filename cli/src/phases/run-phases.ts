import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Check, CheckResult } from "../checks/check.ts";
import { isGreen, runChecks } from "../checks/run-checks.ts";
import type { DriverId } from "../drivers/driver.ts";
import { CliError, toCliError } from "../errors/cli-error.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalRecord } from "../journal/record.ts";
import { decideStep } from "./decide-step.ts";
import { type Estimate, estimateStep } from "./estimate-step.ts";
import { inputHash } from "./input-hash.ts";
import type { Phase, Step } from "./phase.ts";

/** 10 s: a step that heeds its signal ends children with SIGTERM, which gives them 5 s before SIGKILL. */
const UNWIND_MS = 10_000;

export interface StepReport {
  readonly id: string;
  readonly status: "done" | "skipped" | "adopted";
  readonly changed: number;
  readonly ms: number;
}

export interface PhaseReport {
  readonly id: string;
  readonly status: "done" | "skipped";
  readonly changed: number;
  readonly ms: number;
  readonly steps: readonly StepReport[];
}

export interface PhaseEvents {
  stepStarted(phase: string, step: string): void;
  /** The step was not proven and works from now on; null: nobody knows for how long. */
  stepWorking(phase: string, step: string, estimate: Estimate | null): void;
  stepProgress(phase: string, step: string, detail: string): void;
  stepEnded(phase: string, step: string, report: StepReport, detail: string): void;
  stepFailed(phase: string, step: string, error: CliError): void;
}

export interface RunPhasesOptions<Context> {
  readonly phases: readonly Phase<Context>[];
  readonly checks: readonly Check<Context>[];
  readonly context: Context;
  /** Left out: no check is for another driver. */
  readonly driver?: DriverId;
  readonly journal: Journal;
  readonly events: PhaseEvents;
  readonly signal: AbortSignal;
  readonly cliVersion: string;
  /** Called before checks are read anew, so that no fact from before the step's work is believed after it. */
  readonly refresh?: () => Promise<void>;
  /** How long a step may go on after its signal aborted before it is left behind; default UNWIND_MS. */
  readonly unwindMs?: number;
}

/**
 * Makes each phase true, in order. A step is skipped only when the journal and its checks agree; it is marked done
 * only after its checks pass. Stops at the first failure, which is journaled; running again resumes there.
 * @throws CliError of the step, or PHASE_FAILED when its checks stay red, PHASE_TIMED_OUT past its budget.
 * @throws the signal's reason when it is aborted between two steps.
 */
export async function runPhases<Context>(options: RunPhasesOptions<Context>): Promise<readonly PhaseReport[]> {
  const run = randomUUID();
  const reports: PhaseReport[] = [];
  for (const phase of options.phases) {
    const startedAt = performance.now();
    const steps: StepReport[] = [];
    for (const step of phase.steps) steps.push(await runStep(options, run, phase, step));
    const changed = steps.reduce((sum, step) => sum + step.changed, 0);
    reports.push({
      id: phase.id,
      status: steps.every((step) => step.status === "skipped") ? "skipped" : "done",
      changed,
      ms: Math.round(performance.now() - startedAt),
      steps,
    });
  }
  return reports;
}

async function runStep<Context>(
  options: RunPhasesOptions<Context>,
  run: string,
  phase: Phase<Context>,
  step: Step<Context>,
): Promise<StepReport> {
  options.signal.throwIfAborted();
  const { context, journal, events } = options;
  const startedAt = performance.now();
  events.stepStarted(phase.id, step.title);
  const hash = inputHash(await step.input(context));
  const record = (event: JournalRecord["event"], changed = 0, error: string | null = null) =>
    journal.append({
      run,
      phase: phase.id,
      step: step.id,
      event,
      inputHash: hash,
      changed,
      durationMs: Math.round(performance.now() - startedAt),
      cli: options.cliVersion,
      error,
    });
  const end = (status: StepReport["status"], changed: number, detail: string): StepReport => {
    const report = { id: step.id, status, changed, ms: Math.round(performance.now() - startedAt) };
    events.stepEnded(phase.id, step.title, report, detail);
    return report;
  };

  const before = await prove(options, step);
  const decision = decideStep({ history: journal.history(step.id), inputHash: hash, proven: before.every(isGreen) });
  if (decision !== "run") {
    record(decision);
    return end(decision === "skip" ? "skipped" : "adopted", 0, evidenceOf(step, before));
  }

  events.stepWorking(phase.id, step.title, estimateStep(step.id, journal.history(step.id), options.driver ?? null));
  record("intent");
  try {
    const outcome = await runWithin(step, options);
    const unproven = (await prove(options, step)).filter((result) => !isGreen(result));
    const first = unproven[0];
    if (first !== undefined) {
      throw new CliError("PHASE_FAILED", {
        message: `${step.id} ran, but ${first.id} is not green: ${first.evidence}`,
        hint: `${first.fix ?? "Look at `elk-os logs`"}; then \`elk-os up\` resumes here.`,
        facts: { step: step.id, check: first.id },
      });
    }
    record("done", outcome.changed);
    return end("done", outcome.changed, outcome.detail);
  } catch (thrown) {
    const error = options.signal.aborted ? stopped(step.id, thrown) : toCliError(thrown);
    record("fail", 0, `${error.code}: ${error.message}`);
    events.stepFailed(phase.id, step.title, error);
    throw error;
  }
}

/** A step that its user stopped is no fault of anybody: it is journaled, and the next run resumes at it. */
function stopped(step: string, cause: unknown): CliError {
  return new CliError("PHASE_FAILED", {
    message: `${step} was stopped before its end.`,
    hint: "`elk-os up` resumes here.",
    facts: { step },
    cause,
  });
}

async function prove<Context>(
  options: RunPhasesOptions<Context>,
  step: Step<Context>,
): Promise<readonly CheckResult[]> {
  await options.refresh?.();
  return runChecks({
    registry: options.checks,
    context: options.context,
    only: step.proves,
    ...(options.driver === undefined ? {} : { driver: options.driver }),
    signal: options.signal,
  });
}

async function runWithin<Context>(step: Step<Context>, options: RunPhasesOptions<Context>) {
  const budget = new AbortController();
  const timer = setTimeout(() => budget.abort(new Error("past its time")), step.timeoutMs);
  const signal = AbortSignal.any([options.signal, budget.signal]);
  const ended = new AbortController();
  const phase = step.id.split("/")[0] ?? step.id;
  try {
    return await Promise.race([
      step.run(options.context, (detail) => options.events.stepProgress(phase, step.title, detail), signal),
      abandoned(signal, ended.signal, options.unwindMs ?? UNWIND_MS),
    ]);
  } catch (cause) {
    if (!budget.signal.aborted || options.signal.aborted) throw cause;
    throw new CliError("PHASE_TIMED_OUT", {
      message: `${step.id} did not finish within ${Math.round(step.timeoutMs / 1000)} s.`,
      hint: "Look at `elk-os logs`; `elk-os up` resumes here.",
      cause,
    });
  } finally {
    clearTimeout(timer);
    ended.abort();
  }
}

/** Rejects some time after `signal` aborts, unless the step has ended: nothing it waits for can hang the run. */
async function abandoned(signal: AbortSignal, ended: AbortSignal, unwindMs: number): Promise<never> {
  if (!signal.aborted) await once(signal, "abort", { signal: ended });
  await delay(unwindMs, undefined, { signal: ended });
  throw signal.reason;
}

function evidenceOf<Context>(step: Step<Context>, results: readonly CheckResult[]): string {
  const own = new Set(step.proves);
  return results.findLast((result) => own.has(result.id))?.evidence ?? "proven";
}
