export interface RestartPolicy {
  /** Restarts allowed within the window. */
  readonly budget: number;
  readonly windowMs: number;
  /** Pause before the first restart of a window; doubles with each one. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/**
 * Five restarts in 60 s: with pauses of 0.25, 0.5, 1, 2 and 4 s a crash at start shows as failed within half a
 * minute. A larger budget hides a broken service; a smaller one gives up on a port that is still being freed.
 */
export const RESTART_POLICY: RestartPolicy = { budget: 5, windowMs: 60_000, firstDelayMs: 250, maxDelayMs: 8_000 };

export type RestartDecision =
  | { readonly kind: "restart"; readonly delayMs: number; readonly attempt: number }
  | { readonly kind: "give-up" };

/** Decides from the instants (ms, any monotonic origin) of earlier restarts; pure. */
export function decideRestart(earlier: readonly number[], now: number, policy = RESTART_POLICY): RestartDecision {
  const recent = earlier.filter((at) => now - at < policy.windowMs).length;
  if (recent >= policy.budget) return { kind: "give-up" };
  return {
    kind: "restart",
    delayMs: Math.min(policy.firstDelayMs * 2 ** recent, policy.maxDelayMs),
    attempt: recent + 1,
  };
}
