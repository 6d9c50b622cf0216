import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runVisible } from "../host/run-visible.ts";
import type { Suite } from "./suite.ts";
import { readVitestReport } from "./vitest-report.ts";

/** A project of vitest.config.ts, and those whose names begin with its own. Its counts come from vitest's own report, never from what it printed. */
export function vitestSuite(name: string, folder?: string): Suite {
  // Of a fault it is not enough to know how many held.
  const namesTests = (only: string | undefined) => name === "fault" || only !== undefined;
  return {
    name,
    async run({ checkout, only, signal }) {
      const reports = mkdtempSync(join(tmpdir(), "elk-os-test-"));
      const report = join(reports, "report.json");
      const filter = only === undefined ? [] : [folder === undefined ? only : `${folder}/${only}`];
      const reporters = [
        `--reporter=${namesTests(only) ? "verbose" : "default"}`,
        "--reporter=json",
        `--outputFile.json=${report}`,
      ];
      try {
        const exit = await runVisible(["npx", "vitest", "run", ...filter, "--project", `${name}*`, ...reporters], {
          cwd: checkout,
          signal,
        });
        return readVitestReport(existsSync(report) ? readFileSync(report, "utf8") : undefined, {
          name,
          exit,
          checkout,
          namesTests: namesTests(only),
        });
      } finally {
        rmSync(reports, { recursive: true, force: true });
      }
    },
  };
}
