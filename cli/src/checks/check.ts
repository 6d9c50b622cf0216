import type { DriverId } from "../drivers/driver.ts";
import type { Stack } from "../stack/stack.ts";

/** Permanent id, group first: "PG-04". */
export type CheckId = string;

/** error = red; warning = red only under --strict; info = a known limit that is said and never fails. */
export type Severity = "error" | "warning" | "info";

/** What a probe saw. Evidence is mandatory on a pass too: a board of bare ticks cannot be believed. */
export type Finding =
  | { readonly status: "pass"; readonly evidence: string }
  | {
      readonly status: "fail";
      readonly evidence: string;
      readonly expected?: string;
      readonly actual?: string;
      /** Set by identity checks only; IMPOSTOR and WRONG_INSTANCE make doctor exit 10. */
      readonly verdict?: Verdict;
    }
  | { readonly status: "skip"; readonly because: string };

/** Who answered on a service's address (design: identity that a 200 cannot fake). */
export type Verdict = "UNREACHABLE" | "IMPOSTOR" | "WRONG_INSTANCE" | "STALE_VERSION" | "ZOMBIE" | "DEGRADED" | "OK";

export interface Check<Context = Stack> {
  readonly id: CheckId;
  /** What it proves, a full clause: "Postgres accepts the portal's password". */
  readonly title: string;
  readonly severity: Severity;
  /** Drivers for which it means something; with another one it is skipped, with `otherwise` as the reason. Left out: every driver. */
  readonly drivers?: { readonly only: DriverId; readonly otherwise: string };
  /** When one of these did not pass, this check is skipped as blocked, so that the first cause stands out. */
  readonly dependsOn: readonly CheckId[];
  readonly timeoutMs: number;
  /**
   * It waits long for answers, starts no process and looks at nothing that another look changes: the checks after it do not wait for
   * it. Default: they do.
   */
  readonly isAside?: true;
  /** Looks only. An expected bad state is a Finding; a throw means that the check itself broke, and is red. */
  probe(context: Context, signal: AbortSignal): Promise<Finding>;
  readonly fix: {
    readonly summary: string;
    /** Safe repair for `doctor --fix`; absent when a person must decide. */
    apply?(context: Context): Promise<void>;
  };
}

export interface CheckResult {
  readonly id: CheckId;
  readonly title: string;
  /** `warn` and `info` are failures of that severity; `error` means that the probe broke or timed out. */
  readonly status: "pass" | "fail" | "warn" | "info" | "skip" | "error";
  readonly severity: Severity;
  /** Skipped because it means nothing with this driver: it blocks nothing that stands on it. */
  readonly isForOtherDriver?: true;
  readonly evidence: string;
  readonly verdict: Verdict | null;
  readonly expected: string | null;
  readonly actual: string | null;
  readonly ms: number;
  readonly fix: string | null;
}

export const pass = (evidence: string): Finding => ({ status: "pass", evidence });
export const fail = (
  evidence: string,
  more: { expected?: string; actual?: string; verdict?: Verdict } = {},
): Finding => ({
  status: "fail",
  evidence,
  ...more,
});
export const skip = (because: string): Finding => ({ status: "skip", because });
