import { findSeedDrift } from "../../seed/apply-seed.ts";
import { chosenProfile } from "../../stack/profile.ts";
import { type Check, fail, pass } from "../check.ts";

/** SEED-01. */
export const seeded: Check = {
  id: "SEED-01",
  title: "The profile's seed is on the board, by content hash",
  severity: "error",
  dependsOn: ["PG-03"],
  timeoutMs: 15_000,
  async probe(stack) {
    const profile = chosenProfile(stack);
    const drift = await stack.connections.withClient("postgres", (client) => findSeedDrift(client, profile));
    return drift.length === 0
      ? pass(`${profile.manifest.name}: ${Object.keys(profile.seed.hashes).length} seed files match the ledger`)
      : fail(`not as in the checkout: ${drift.join(", ")}`);
  },
  fix: { summary: "elk-os seed" },
};
