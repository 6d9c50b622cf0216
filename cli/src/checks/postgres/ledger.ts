import { migrationStatus } from "@muster/board/migrate";
import { loadMigrations } from "@muster/board/sql-files";
import { counted } from "../../output/counted.ts";
import { type Check, fail, pass } from "../check.ts";

/** PG-03. */
export const ledgerCurrent: Check = {
  id: "PG-03",
  title: "Every migration is applied, unedited and known",
  severity: "error",
  dependsOn: ["ID-01"],
  timeoutMs: 5_000,
  async probe({ connections }) {
    const files = loadMigrations();
    const { applied, pending, problems } = await connections.withClient("postgres", (client) =>
      migrationStatus(client, files),
    );
    const problem = problems[0];
    if (problem !== undefined) return fail(`${problem.code}: ${problem.message}`);
    if (pending.length > 0) return fail(`${pending.length} of ${files.length} not applied: ${pending.join(", ")}`);
    return pass(`${counted(applied.length, "migration")}, checksums equal`);
  },
  fix: { summary: "elk-os migrate; an edited file must be put back as it was" },
};
