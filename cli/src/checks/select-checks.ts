import { closest } from "../config/closest.ts";
import { CliError } from "../errors/cli-error.ts";
import type { Check, CheckId } from "./check.ts";

/** Ids named by `--only`: exact ids, or groups ("PG" for PG-01…). All when it is null. @throws CliError USAGE_INVALID */
export function selectChecks<Context>(registry: readonly Check<Context>[], only: string | null): readonly CheckId[] {
  if (only === null) return registry.map((check) => check.id);
  return only.split(",").flatMap((word) => {
    const wanted = word.trim().toUpperCase();
    const found = registry.filter(({ id }) => id === wanted || groupOf(id) === wanted).map(({ id }) => id);
    if (found.length > 0) return found;
    const guess = closest(
      wanted,
      registry.flatMap(({ id }) => [id, groupOf(id)]),
    );
    throw new CliError("USAGE_INVALID", {
      message: `There is no check or group "${word.trim()}".`,
      hint: `${guess === null ? "" : `did you mean ${guess}? `}every check: elk-os doctor --list`,
    });
  });
}

/** "PORT-UI-01" → "PORT-UI". */
export function groupOf(id: CheckId): string {
  return id.replace(/-\d+$/, "");
}
