import { chmodSync, mkdirSync } from "node:fs";
import { CHECKS } from "../checks/index.ts";
import { recordReport } from "../checks/report.ts";
import { runChecks } from "../checks/run-checks.ts";
import { exitOf, summarise } from "../checks/summary.ts";
import { assertDatabaseReady } from "../database/preflight.ts";
import { CliError } from "../errors/cli-error.ts";
import { openJournal } from "../journal/journal.ts";
import { counted } from "../output/counted.ts";
import { formatDuration } from "../output/duration.ts";
import type { CommandResult } from "../output/reporter.ts";
import { type Estimate, estimateStep } from "../phases/estimate-step.ts";
import { PHASES } from "../phases/index.ts";
import { STATE_MODES } from "../phases/init.ts";
import { inputHash } from "../phases/input-hash.ts";
import type { PhaseId } from "../phases/phase.ts";
import { type PhaseReport, runPhases } from "../phases/run-phases.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Stack } from "../stack/stack.ts";
import { withLock } from "../state/lock.ts";
import type { Invocation } from "./command.ts";
import { placesOf } from "./places.ts";
import { assertNoObstacles } from "./preflight.ts";

interface PhaseLine {
  readonly id: string;
  readonly status: string;
  readonly ms: number;
  readonly changed: number;
}

export interface BroughtUp extends CommandResult {
  /** Id of the first red check in boot order; null when none is, or nobody looked. */
  readonly firstCause: string | null;
}

/** Runs the selected phases under the lock and answers with what changed; the whole of `up` and of each phase command. */
export function bringUp(invocation: Invocation, phaseIds: readonly PhaseId[]): Promise<BroughtUp> {
  return withStack(invocation.loaded, async (stack) => {
    const { reporter, signal } = invocation;
    const { config, paths } = stack;
    reporter.headline(`Muster ${stack.version}  ${config.profile}  ${describeDriver(stack)}  state ${paths.root}`);
    if (phaseIds.includes("init") || phaseIds.includes("up")) {
      await stack.driver.preflight(signal);
      await assertNoObstacles(stack, signal);
    }
    if (phaseIds.includes("up")) await assertDatabaseReady(stack);
    ensureStateFolder(paths.root);

    return withLock({ path: paths.lock, command: phaseIds.length === 1 ? (phaseIds[0] ?? "up") : "up" }, async () => {
      const startedAt = performance.now();
      const journal = openJournal(paths.journal);
      try {
        const phases = await runPhases({
          phases: PHASES.filter((phase) => phaseIds.some((id) => id === phase.id)),
          checks: CHECKS,
          context: stack,
          driver: stack.driver.id,
          journal,
          events: reporter,
          signal,
          cliVersion: stack.version,
          refresh: async () => stack.facts.refresh(),
        });
        const changed = phases.reduce((sum, phase) => sum + phase.changed, 0);
        if (!phaseIds.includes("doctor")) return answer(stack, phases, changed, null, performance.now() - startedAt);
        const expected = estimateStep("doctor/board", journal.history("doctor/board"), stack.driver.id);
        const doctor = await runDoctor(stack, invocation, expected);
        journal.append({
          run: journal.records.at(-1)?.run ?? "doctor",
          phase: "doctor",
          step: "doctor/board",
          event: "verify",
          inputHash: inputHash(CHECKS.map((check) => check.id)),
          changed: 0,
          durationMs: doctor.ms,
          cli: stack.version,
          error: doctor.summary.fail > 0 ? `${doctor.summary.fail} red, first ${doctor.summary.firstCause}` : null,
        });
        return answer(stack, phases, changed, doctor, performance.now() - startedAt);
      } finally {
        journal.close();
      }
    });
  });
}

function ensureStateFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    chmodSync(path, STATE_MODES.root);
  } catch (cause) {
    throw new CliError("STATE_UNREADABLE", {
      message: `The state folder ${path} cannot be made or is not yours: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: "Point ELK_OS_STATE_DIR (or --state-dir) at a folder that you own.",
      cause,
    });
  }
}

function describeDriver({ config, driver }: Stack): string {
  return config.driver === "auto" ? `${driver.id} (chosen by auto)` : driver.id;
}

async function runDoctor(stack: Stack, { reporter, signal }: Invocation, expected: Estimate | null) {
  const startedAt = performance.now();
  const lookedAt = new Date();
  stack.facts.refresh();
  reporter.stepStarted("doctor", "board");
  reporter.stepWorking("doctor", "board", expected);
  const results = await runChecks({ registry: CHECKS, context: stack, driver: stack.driver.id, signal });
  const ms = Math.round(performance.now() - startedAt);
  recordReport(stack.paths.doctorReport, results, { at: lookedAt, tookMs: ms, known: CHECKS.map(({ id }) => id) });
  const summary = summarise(results);
  reporter.stepEnded(
    "doctor",
    "board",
    { id: "doctor/board", status: "done", changed: 0, ms },
    `${summary.pass} green  ${summary.fail} red  ${counted(summary.warn, "warning")}  ${summary.skip} skipped`,
  );
  for (const result of results)
    if (result.status === "fail" || result.status === "error" || result.status === "warn") reporter.finding(result);
  const red = results
    .filter(({ status }) => status === "fail" || status === "error")
    .map(({ id, evidence }) => ({ id, evidence }));
  return { summary, red, exit: exitOf(results, false), ms };
}

function answer(
  stack: Stack,
  phases: readonly PhaseReport[],
  changed: number,
  doctor: Awaited<ReturnType<typeof runDoctor>> | null,
  ms: number,
): BroughtUp {
  const lines: PhaseLine[] = phases.map(({ id, status, ms: phaseMs, changed: count }) => ({
    id,
    status,
    ms: phaseMs,
    changed: count,
  }));
  if (doctor !== null)
    lines.push({ id: "doctor", status: doctor.exit === 0 ? "done" : "failed", ms: doctor.ms, changed: 0 });
  return {
    exit: doctor?.exit ?? 0,
    data: {
      ok: (doctor?.exit ?? 0) === 0,
      driver: stack.driver.id,
      changed,
      phases: lines,
      ...(doctor === null ? {} : { doctor: { ...doctor.summary, red: doctor.red } }),
    },
    firstCause: doctor?.summary.firstCause ?? null,
    lines:
      changed === 0
        ? [`nothing to do: ${counted(lines.length, "phase")} proven in ${formatDuration(ms)}, 0 changes`]
        : ["", ...placesOf(stack), `${counted(changed, "change")} in ${formatDuration(ms)}`],
  };
}
