/** Can the board be read, and is it ours? Asked anew for every request: an absence is never remembered. */
import { pageSettings } from "../env.ts";
import { SQL } from "./generated/sql.ts";
import { pool } from "./pool.ts";

/** Slugs, because they go into the signed identity. */
export type BoardProblem =
  | "database_unconfigured"
  | "database_unreachable"
  | "database_refused"
  | "schema_absent"
  | "schema_unreadable"
  | "instance_unrecorded"
  | "instance_mismatch"
  | "board_unreadable";

const BY_SQLSTATE: Readonly<Record<string, BoardProblem>> = {
  "28000": "database_refused",
  "28P01": "database_refused",
  "3D000": "database_refused",
  "3F000": "schema_absent",
  "42P01": "schema_absent",
  "42703": "schema_unreadable",
  "42501": "schema_unreadable",
  "57P01": "database_unreachable",
  "57P02": "database_unreachable",
  "57P03": "database_unreachable",
  "53300": "database_unreachable",
};

/** Null when the board can be read. Never throws. */
export async function findBoardProblem(): Promise<BoardProblem | null> {
  try {
    const { rows } = await pool().query<{ instance_id: string }>(SQL["instance.find"]);
    const found = rows[0]?.instance_id;
    if (found === undefined) return "instance_unrecorded";
    const { instance } = pageSettings();
    return instance === null || instance === found ? null : "instance_mismatch";
  } catch (error) {
    return problemOf(error);
  }
}

/** What an error of `pg` or of our own settings means for a reader. Pure. */
export function problemOf(error: unknown): BoardProblem {
  if (!(error instanceof Error)) return "board_unreadable";
  if (
    error.name === "ZodError" ||
    ("code" in error && error.code === "ENOENT" && !("syscall" in error && error.syscall === "connect"))
  ) {
    return "database_unconfigured";
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const known = BY_SQLSTATE[code];
  if (known !== undefined) return known;
  const isNetwork = /^E[A-Z]+$/.test(code) || /timeout|terminated|ended/i.test(error.message);
  return isNetwork ? "database_unreachable" : "board_unreadable";
}
