import { type Outcome, takeWrite } from "../memory/take-write.ts";
import { type RefusedWrite, writesSchema } from "../memory/waiting-writes.ts";
import type { Stack } from "../stack/stack.ts";
import { openRag } from "./rag-client.ts";

export interface TakenWrites {
  readonly taken: readonly Extract<Outcome, { outcome: "taken" }>[];
  /** Refused now and before, until they are forgotten. */
  readonly refused: readonly RefusedWrite[];
}

/**
 * Asks search what waits, writes it into the checkout, makes it findable, and only then says what became of it. What cannot be written now goes on waiting.
 * @throws CliError SEARCH_UNREACHABLE, IDENTITY_REFUSED, LOCK_HELD; errors of the file system, after what was written before them was reported
 */
export async function takeWrites(stack: Stack, signal: AbortSignal): Promise<TakenWrites> {
  const rag = await openRag(stack, signal);
  const { waiting } = writesSchema.parse(await rag.call("GET", "/writes"));
  const outcomes: Outcome[] = [];
  try {
    for (const one of waiting) outcomes.push(await takeWrite(stack.checkout, one));
  } finally {
    if (outcomes.length > 0) {
      await stack.driver.refreshCopies();
      await rag.call("POST", "/index/sync", {});
      await rag.call("POST", "/writes/outcomes", { outcomes: outcomes.map(toWord) });
    }
  }
  const { refused } = writesSchema.parse(await rag.call("GET", "/writes"));
  return { taken: outcomes.filter((one) => one.outcome === "taken"), refused };
}

/** Drops refusals that somebody has read. */
export async function forgetRefused(
  stack: Stack,
  refused: readonly RefusedWrite[],
  signal: AbortSignal,
): Promise<void> {
  const rag = await openRag(stack, signal);
  const outcomes = refused.map(({ id }) => ({ id, outcome: "forgotten" }));
  if (outcomes.length > 0) await rag.call("POST", "/writes/outcomes", { outcomes });
}

function toWord(one: Outcome): object {
  if (one.outcome === "taken") return { id: one.id, outcome: one.outcome };
  return { ...one, message: one.message.slice(0, 500) };
}
