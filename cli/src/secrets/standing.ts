import type { Stack } from "../stack/stack.ts";
import type { Secret } from "../state/secret.ts";

/** Is a value the one in force? `unknown` when nobody could be asked. */
export interface Standing {
  readonly verdict: "live" | "changed" | "unknown";
  /** What was seen; never the value. */
  readonly evidence: string;
}

export const live = (evidence: string): Standing => ({ verdict: "live", evidence });
export const changed = (evidence: string): Standing => ({ verdict: "changed", evidence });
export const unknown = (cause: unknown): Standing => ({
  verdict: "unknown",
  evidence: cause instanceof Error ? cause.message : String(cause),
});

/** How one secret is asked after and put in force. */
export interface SecretUse {
  /** Looks only. Never throws for what the other side does. */
  look(stack: Stack, value: Secret, signal: AbortSignal): Promise<Standing>;
  /** Makes the value the one in force; null where starting the services that read it does that. Idempotent. */
  readonly put: ((stack: Stack, value: Secret, signal: AbortSignal) => Promise<void>) | null;
}
