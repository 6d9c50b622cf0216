/**
 * What this server tells itself when it asks itself for a page to keep it live, so that the limit on searches is not spent on that. Unknown
 * to anybody else, and another one after each start.
 */
import { randomBytes } from "node:crypto";

/** proxy.ts and the pages are separate bundles of one process; a global symbol lets them share the word. */
const SLOT: unique symbol = Symbol.for("muster.portal.own-requests");
const slots: typeof globalThis & { [SLOT]?: string } = globalThis;

export const OWN_HEADER = "x-muster-own";

export function ownToken(): string {
  slots[SLOT] ??= randomBytes(16).toString("hex");
  return slots[SLOT];
}
