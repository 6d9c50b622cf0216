/** What one suite came to. Counts are of tests; for the static suite, of scripts. */
export interface TestVerdict {
  /** The test's file and sentence. */
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
}

export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** One line for each failure: where, what, and the first line of the reason. */
  readonly failures: readonly string[];
  /** One line for each test that was skipped: where and what. */
  readonly skips: readonly string[];
  /** Every test by name, where each is an answer of its own: the faults, and a part that was asked for with `only`. */
  readonly tests?: readonly TestVerdict[];
}

export interface SuiteRun {
  readonly checkout: string;
  /** Runs a part of the suite: a script of the static one, files of the others whose path begins or contains this. */
  readonly only: string | undefined;
  readonly signal: AbortSignal;
}

export interface Suite {
  readonly name: string;
  run(run: SuiteRun): Promise<SuiteResult>;
}
