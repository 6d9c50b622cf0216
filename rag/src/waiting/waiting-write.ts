import { z } from "zod";

const memory = z.strictObject({
  kind: z.literal("memory"),
  /** `memory/<name>.md`. */
  path: z.string(),
  title: z.string(),
  body: z.string(),
  tags: z.array(z.string()).readonly(),
  supersedes: z.array(z.string()).readonly(),
  agent: z.string().nullable(),
  date: z.string(),
  /** sha256 of what it replaces; null: nothing may stand there. */
  if_match: z.string().nullable(),
});
const entry = z.strictObject({ kind: z.literal("log"), title: z.string(), body: z.string() });
const refusal = z.strictObject({ at: z.string(), code: z.string(), message: z.string() });

/** A write as it lies on the disk: accepted here, and not yet in a file that is the truth. */
export const waitingSchema = z.strictObject({
  id: z.string(),
  /** When it was accepted: ISO 8601, UTC. */
  at: z.string(),
  write: z.discriminatedUnion("kind", [memory, entry]),
});
export const refusedSchema = waitingSchema.extend({ refused: refusal });

export type WaitingWrite = Readonly<z.infer<typeof waitingSchema>>;
export type RefusedWrite = Readonly<z.infer<typeof refusedSchema>>;
export type Write = WaitingWrite["write"];

/** What became of a write: it stands in its file, its files' owner refused it, or a refusal was read and may go. */
export type Outcome =
  | { readonly id: string; readonly outcome: "taken" | "forgotten" }
  | { readonly id: string; readonly outcome: "refused"; readonly code: string; readonly message: string };
