import { z } from "zod";

/** How often a service that ends is started again, as the settings have it. */
export const restartPolicySchema = z.strictObject({
  /** Restarts allowed within the window; 0: none. */
  budget: z.int().nonnegative(),
  windowMs: z.int().positive(),
});
export type RestartPolicy = z.infer<typeof restartPolicySchema>;

/**
 * Of the settings' defaults, and for a record of a release that had none: five restarts in 60 s. With pauses of 0.25, 0.5, 1, 2 and 4 s a crash at
 * start shows as failed within half a minute. A larger budget hides a broken service; a smaller one gives up on a port that is still being freed.
 */
export const USUAL_RESTARTS: RestartPolicy = { budget: 5, windowMs: 60_000 };

/** Pause before the first restart of a window, in ms; doubles with each one up to the longest. */
export const PAUSES = { firstMs: 250, longestMs: 8_000 } as const;

export type RestartDecision =
  | { readonly kind: "restart"; readonly delayMs: number; readonly attempt: number }
  | { readonly kind: "give-up" };

/** Decides from the instants (ms, any monotonic origin) of earlier restarts; pure. */
export function decideRestart(
  earlier: readonly number[],
  now: number,
  policy: RestartPolicy,
  { firstMs, longestMs }: { readonly firstMs: number; readonly longestMs: number } = PAUSES,
): RestartDecision {
  const recent = earlier.filter((at) => now - at < policy.windowMs).length;
  if (recent >= policy.budget) return { kind: "give-up" };
  return { kind: "restart", delayMs: Math.min(firstMs * 2 ** recent, longestMs), attempt: recent + 1 };
}
