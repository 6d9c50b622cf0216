import type { CheckId } from "../checks/check.ts";
import type { Progress } from "../drivers/driver.ts";
import type { Stack } from "../stack/stack.ts";

/** The phases in boot order; `doctor` only looks. Permanent: printed, journaled, accepted by --from and --to. */
export const PHASE_IDS = ["init", "up", "migrate", "seed", "wire", "doctor"] as const;
export type PhaseId = (typeof PHASE_IDS)[number];

export interface StepOutcome {
  /** How many things were made, changed or removed; 0 when all was as it should be. */
  readonly changed: number;
  /** Evidence for the progress line: "14 migrations, 18 collections". */
  readonly detail: string;
}

/** The unit of resume: one journal intent, one proof. */
export interface Step<Context = Stack> {
  /** `phase/name`; permanent. */
  readonly id: string;
  /** Short noun for the progress line: "postgres". */
  readonly title: string;
  /** Wall-clock budget of run(); then its signal aborts and the step fails with PHASE_TIMED_OUT. */
  readonly timeoutMs: number;
  /** Checks that hold exactly when the step's work is done; they alone decide skip, adopt and done. */
  readonly proves: readonly CheckId[];
  /** Everything that the result depends on, as JSON; hashed into the journal. Secrets only as fingerprints. */
  input(context: Context): unknown | Promise<unknown>;
  /** Idempotent; safe to run again after a kill at any line. */
  run(context: Context, progress: Progress, signal: AbortSignal): Promise<StepOutcome>;
}

/** A phase is its steps in order; it is proven when each of them is. */
export interface Phase<Context = Stack> {
  readonly id: string;
  /** Imperative sentence: "Apply the board's migrations". */
  readonly title: string;
  /** Phases that come first. */
  readonly needs: readonly string[];
  readonly steps: readonly Step<Context>[];
}
