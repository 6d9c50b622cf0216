import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { EXIT } from "../errors/catalog.ts";
import { runVisible } from "../host/run-visible.ts";
import { formatDuration } from "../output/duration.ts";
import type { Command } from "./command.ts";

/** In the order that fails fastest. `check` is the static part; the others are vitest projects. */
const SUITES = ["check", "unit", "integration", "e2e", "fault"] as const;
const STATIC_SCRIPTS = ["format", "lint", "types", "knip", "gen:check"] as const;

interface SuiteResult {
  readonly suite: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly ms: number;
}

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  success: z.boolean(),
});

export const test: Command = {
  name: "test",
  summary: "Run the whole test suite: static checks, unit, integration, end to end, faults",
  help: `Raises its own stack from zero in a temporary state folder on its own ports; a running instance is not
touched. Debian packages it wants: chromium, shellcheck, debootstrap.

  elk-os test                all of it
  elk-os test unit e2e       some suites: ${SUITES.join(", ")}`,
  arguments: [{ name: "[suites...]", description: "suites to run (default: all)", choices: SUITES }],
  async run({ args, loaded, signal, reporter }) {
    const wanted = SUITES.filter((suite) => args.length === 0 || args.includes(suite));
    const results: SuiteResult[] = [];
    for (const suite of wanted) {
      reporter.note(`\n== ${suite}`);
      const startedAt = performance.now();
      const counts =
        suite === "check" ? await runStatic(loaded.checkout, signal) : await runVitest(suite, loaded.checkout, signal);
      results.push({ suite, ...counts, ms: Math.round(performance.now() - startedAt) });
    }
    const sum = (key: "passed" | "failed" | "skipped") => results.reduce((total, result) => total + result[key], 0);
    const total = { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
    const ok = total.failed === 0 && total.passed > 0;
    return {
      exit: ok ? EXIT.ok : EXIT.internal,
      data: { ok, ...total, suites: results },
      lines: [
        ...results.map(
          ({ suite, passed, failed, skipped, ms }) =>
            `${suite.padEnd(12)} ${passed} passed  ${failed} failed  ${skipped} skipped  ${formatDuration(ms)}`,
        ),
        `${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`,
      ],
    };
  },
};

type Counts = Pick<SuiteResult, "passed" | "failed" | "skipped">;

async function runStatic(checkout: string, signal: AbortSignal): Promise<Counts> {
  let failed = 0;
  for (const script of STATIC_SCRIPTS) {
    if ((await runVisible(["npm", "run", "--silent", script], { cwd: checkout, signal })) !== 0) failed++;
  }
  return { passed: STATIC_SCRIPTS.length - failed, failed, skipped: 0 };
}

/** Counts come from vitest's own report; a runner that died before it wrote one counts as a failure. */
async function runVitest(project: string, checkout: string, signal: AbortSignal): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), "elk-os-test-"));
  const report = join(folder, "report.json");
  try {
    const exit = await runVisible(
      [
        "npx",
        "vitest",
        "run",
        "--project",
        project,
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${report}`,
      ],
      { cwd: checkout, signal },
    );
    const parsed = vitestReport.parse(JSON.parse(readFileSync(report, "utf8")));
    const unexplained = exit !== 0 && parsed.numFailedTests === 0 ? 1 : 0;
    return {
      passed: parsed.numPassedTests,
      failed: parsed.numFailedTests + unexplained,
      skipped: parsed.numPendingTests,
    };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
