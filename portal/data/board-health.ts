/** Can the board be read, and is it ours? Asked anew for every request: an absence is never remembered. */
import { pageSettings } from "../env.ts";
import { SQL } from "./generated/sql.ts";
import { tellOperator } from "./operator-log.ts";
import { pool } from "./pool.ts";

/** Slugs, because they go into the signed identity. */
export type BoardProblem =
  | "database_unconfigured"
  | "database_unreachable"
  | "database_refused"
  | "database_slow"
  | "schema_absent"
  | "schema_unreadable"
  | "right_missing"
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
  "42501": "right_missing",
  "57014": "database_slow",
  "57P01": "database_unreachable",
  "57P02": "database_unreachable",
  "57P03": "database_unreachable",
  "53300": "database_unreachable",
};

/** Every view that a statement of the portal names. Functions are asked by the live reader, which says what it meets. */
const VIEWS = [
  ...new Set(Object.values(SQL).flatMap((text) => text.match(/\bmuster_read\.\w+\b(?!\()/g) ?? [])),
].sort();
/** A replay reads their twins. */
const PAST_VIEWS = VIEWS.map((view) => view.replace("muster_read.", "muster_at."));

/**
 * Null when the board can be read: all of it, since a page that lacks one view could set no status by itself. Names a right that is missing
 * in the log. Never throws.
 * @param isReplay the twins of the views are read as well
 */
export async function findBoardProblem(isReplay = false): Promise<BoardProblem | null> {
  try {
    const { rows } = await pool().query<{ instance_id: string; refused: readonly string[] }>({
      text: SQL["health.find"],
      values: [isReplay ? [...VIEWS, ...PAST_VIEWS] : VIEWS],
    });
    const [found] = rows;
    if (found === undefined) return "instance_unrecorded";
    const { instance } = pageSettings();
    if (instance !== null && instance !== found.instance_id) return "instance_mismatch";
    tellOperator(found.refused.length === 0 ? null : rightMissing(`may not select from ${found.refused.join(", ")}`));
    return found.refused.length === 0 ? null : "right_missing";
  } catch (error) {
    const problem = problemOf(error);
    if (problem === "right_missing") tellOperator(rightMissing(`is refused: ${String(error)}`));
    return problem;
  }
}

function rightMissing(what: string): string {
  return `right_missing: the portal's database role ${what}. bin/elk-os doctor --only PG-11 names every grant that is missing.`;
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
  // pg gave up on a statement that the server had not cancelled either.
  if (error.message === "Query read timeout") return "database_slow";
  const isNetwork = /^E[A-Z]+$/.test(code) || /timeout|terminated|ended/i.test(error.message);
  return isNetwork ? "database_unreachable" : "board_unreadable";
}
