import { queryRows } from "../../stack/sql.ts";
import { type Check, fail, pass } from "../check.ts";

/** Directus 12 on its free Core tier; over a limit it locks the board after its grace period (docs/adr/0005). */
const CORE_LIMITS = { collections: 25, seats: 3, flows: 5, custom_rules: 0 } as const;

/** DIR-08. */
export const licenceLimits: Check = {
  id: "DIR-08",
  title: "The board is inside the limits of Directus's free tier",
  severity: "error",
  dependsOn: ["PG-01", "ID-02"],
  timeoutMs: 5_000,
  async probe({ connections }) {
    const [counts] = await queryRows<Record<keyof typeof CORE_LIMITS, number>>(
      connections,
      "postgres",
      "licence.counts",
    );
    if (counts === undefined) return fail("Directus's tables could not be counted");
    const keys = Object.keys(CORE_LIMITS) as (keyof typeof CORE_LIMITS)[];
    const evidence = keys.map((key) => `${counts[key]} of ${CORE_LIMITS[key]} ${key.replace("_", " ")}`).join(", ");
    return keys.every((key) => counts[key] <= CORE_LIMITS[key]) ? pass(evidence) : fail(evidence);
  },
  fix: { summary: "remove what is over the limit, or get a licence key (docs/adr/0005)" },
};
