import { z } from "zod";

/** Postgres stores no NUL, and JSON text with one would be refused deep inside. */
const withoutNul = (text: string): boolean => !text.includes("\0");

/** Text of 1 to `max` characters without NUL. */
export function text(max: number, description?: string) {
  const schema = z.string().min(1).max(max).refine(withoutNul, "it holds a NUL character");
  return description === undefined ? schema : schema.describe(description);
}

/** A list of at most 100 texts. */
export function texts(max: number, description?: string) {
  const schema = z.array(text(max)).max(100);
  return description === undefined ? schema : schema.describe(description);
}

/** "#65", "65" or the uuid. */
export const taskRef = () => text(40, "#65 or id");
/** The claim_epoch that came with the claim. */
export const fence = () => z.int().min(0).max(2_147_483_647);
/** Beyond these a figure is a slip. */
export const tokens = () => z.int().min(0).max(2_147_483_647);
/** A nonce of the agent's own. */
export const session = () => text(200);
/** Long evidence belongs into a file that the text names. */
export const LONG_TEXT = 20_000;
export const SHORT_TEXT = 500;
