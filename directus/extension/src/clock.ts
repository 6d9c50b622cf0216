import { toMusterError } from "@muster/board/errors";
import type { Hook } from "./directus-api.ts";
import { callLaw } from "./law.ts";

/** Every 2 s: well under the pause of 15 s after which the law takes the board to have been away. */
const EVERY_2_S = "*/2 * * * * *";
/** Functions of the law that are not there yet: before the first migrate. */
const ABSENT = new Set(["42883", "3F000", "42501"]);

/** Lets time pass on the board: leases run out, blocked tasks wake. Any number of Directus processes may do it side by side. */
export const clock: Hook = ({ schedule }, { database, logger }) => {
  let isTicking = false;
  schedule(EVERY_2_S, () => {
    if (isTicking) return;
    isTicking = true;
    callLaw(database, "tick", {})
      .catch((error: unknown) => {
        if (!isAbsent(error) && toMusterError(error).status === 500) logger.error(error, "The board's clock failed.");
      })
      .finally(() => {
        isTicking = false;
      });
  });
};

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && ABSENT.has(error.code);
}
