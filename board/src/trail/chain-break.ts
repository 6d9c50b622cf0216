import { createHash } from "node:crypto";
import type { RestoreFault } from "./restore-record.ts";

/** One link of a chain that does not hold. */
export interface ChainBreak {
  /** "os_tasks 0f3c…", "receipts", "restores" or "log". */
  readonly chain: string;
  /** Which link: "version 3", "r-0004". */
  readonly at: string;
  /** What is wrong, a clause: "its content was changed". */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  /** With a restore's record that is not believed: why, for scripts. */
  readonly code?: RestoreFault;
}

/** What both chains hash: a name of the form, the hash before, and the row as Postgres writes it. Pure. */
export function hashLink(
  form: "muster-event/1" | "muster-receipt/1",
  previous: string | null,
  payload: string,
): string {
  return createHash("sha256")
    .update(`${form}\n${previous ?? ""}\n${payload}`)
    .digest("hex");
}

/** "r-0041". */
export const receiptName = (number: number): string => `r-${String(number).padStart(4, "0")}`;
