/** Promises that need no browser, because they are arithmetic: their unit tests are run, and what they say is the row. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { Row } from "./row.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..");

const PROMISES = [
  {
    metric: "state colours: contrast; ΔE2000 in three dichromacies, from the tokens",
    floor: "≥ 4.5; ≥ 10",
    file: "portal/app/styles/tokens.unit.test.ts",
  },
  {
    metric: "false colds in 10,000 simulated claims; cold claim after expiry, simulated",
    floor: "0; ≤ 2 s",
    file: "portal/view/live-ember.unit.test.ts",
  },
] as const;

const Report = z.object({ numTotalTests: z.int(), numPassedTests: z.int() });

export async function measureUnits(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { metric, floor, file } of PROMISES) {
    const { numTotalTests: total, numPassedTests: passed } = await runUnit(file);
    const value = `${passed} of ${total} tests`;
    rows.push({ metric, floor, value, unit: "", met: total > 0 && passed === total, note: file });
  }
  return rows;
}

function runUnit(file: string): Promise<z.infer<typeof Report>> {
  const vitest = resolve(CHECKOUT, "node_modules", "vitest", "vitest.mjs");
  const folder = mkdtempSync(join(tmpdir(), "muster-bench-units-"));
  const report = join(folder, "report.json");
  const argv = [vitest, "run", "--project", "unit", "--reporter=json", `--outputFile=${report}`, file];
  return new Promise((done, fail) => {
    // A red test ends it with 1 and its report all the same.
    execFile(process.execPath, argv, { cwd: CHECKOUT, maxBuffer: 64 * 1024 * 1024 }, (ended, _, told) => {
      try {
        done(Report.parse(JSON.parse(readFileSync(report, "utf8"))));
      } catch (cause) {
        // Vitest itself broke: its last words say why, an empty report does not.
        const words = told.trim().split("\n").at(-1) || ended?.message.split("\n")[0] || "it ended well";
        fail(new Error(`vitest left no report of ${file}: ${words}`, { cause }));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
}
