import { toMusterError } from "@muster/board/errors";
import type { Hook } from "./directus-api.ts";
import { MusterRefusal } from "./muster-refusal.ts";

/** Directus repeats a deadlocked transaction three times, but only when it sees this code: it must pass untouched. */
const DEADLOCK = "40P01";

/**
 * What Directus shall throw instead of what the database client threw. Errors that Directus has already named are left alone,
 * and so is a deadlock; everything else becomes a refusal with status, code and a next step, without a word of SQL.
 */
export function voiceOf(error: unknown): unknown {
  if (!(error instanceof Error) || error.name === "DirectusError") return error;
  if ("code" in error && error.code === DEADLOCK) return error;
  return new MusterRefusal(toMusterError(error), { cause: error });
}

/** Gives the law its voice: Directus emits `database.error` when an item create or update fails in the database. */
export const voice: Hook = ({ filter }, { logger }) => {
  filter("database.error", (error) => {
    const spoken = voiceOf(error);
    if (spoken instanceof MusterRefusal && spoken.status === 500) logger.error(error, "The board failed.");
    return spoken;
  });
};
