import { applyFixes } from "../checks/apply-fixes.ts";
import { CHECKS } from "../checks/index.ts";
import { toJunit } from "../checks/junit.ts";
import { recordReport } from "../checks/report.ts";
import { runChecks } from "../checks/run-checks.ts";
import { selectChecks } from "../checks/select-checks.ts";
import { exitOf, summarise } from "../checks/summary.ts";
import { counted } from "../output/counted.ts";
import { formatDuration } from "../output/duration.ts";
import { withStack } from "../stack/open-stack.ts";
import { writeFileAtomic } from "../state/write-file-atomic.ts";
import type { Command } from "./command.ts";

/** Version of the JSON shape below; adding fields keeps it, removing one raises it. */
const SCHEMA = "muster.doctor/1";

export const doctor: Command = {
  name: "doctor",
  summary: "Look at everything and say what is true: the acceptance board",
  help: `Runs every check and changes nothing but its own report, which the portal shows. Exit 0 when green, 3 when red, 10 when somebody else
answers on a port of ours, 4 when --strict is given and there are warnings.

  elk-os doctor --list                 every check and what it proves
  elk-os doctor --only PG-04,RAG       some checks, or a group
  elk-os doctor --strict --junit F     for CI
  elk-os doctor --fix                  apply the safe repairs, then look again`,
  options: [
    { flags: "--list", description: "list the checks without running them" },
    { flags: "--only <ids>", description: "check ids or groups, separated by commas" },
    { flags: "--junit <file>", description: "write the board as JUnit XML as well" },
    { flags: "--strict", description: "warnings are red" },
    { flags: "--fix", description: "apply the repairs that lose nothing, then look again" },
  ],
  run: ({ loaded, options, reporter, signal }) => {
    const only = selectChecks(CHECKS, typeof options["only"] === "string" ? options["only"] : null);
    if (options["list"] === true) return Promise.resolve(list(only));
    const strict = options["strict"] === true;
    return withStack(loaded, async (stack) => {
      const startedAt = performance.now();
      const lookedAt = new Date();
      const look = () => {
        stack.facts.refresh();
        return runChecks({ registry: CHECKS, context: stack, only, driver: stack.driver.id, signal });
      };
      let results = await look();
      if (options["fix"] === true && (await applyFixes(CHECKS, results, stack, reporter))) results = await look();
      recordReport(stack.paths.doctorReport, results, {
        at: lookedAt,
        tookMs: performance.now() - startedAt,
        known: CHECKS.map(({ id }) => id),
      });
      for (const result of results) reporter.finding(result);
      if (typeof options["junit"] === "string") writeFileAtomic(options["junit"], toJunit(results, strict), 0o644);
      const summary = summarise(results);
      const exit = exitOf(results, strict);
      const counts = `${summary.pass} green  ${summary.fail} red  ${counted(summary.warn, "warning")}  ${summary.info} info  ${summary.skip} skipped`;
      const ranNone = summary.skip === results.length ? "  no check ran, which proves nothing" : "";
      const cause = summary.firstCause === null ? ranNone : `  first cause ${summary.firstCause}`;
      return {
        exit,
        data: {
          schema: SCHEMA,
          ok: exit === 0,
          summary,
          checks: results.map(({ id, title, status, severity, evidence, verdict, expected, actual, ms, fix }) => ({
            id,
            title,
            status,
            severity,
            evidence,
            verdict,
            expected,
            actual,
            ms,
            fix,
          })),
        },
        lines: [`${counts}${cause}  ${formatDuration(performance.now() - startedAt)}  exit ${exit}`],
      };
    });
  },
};

function list(ids: readonly string[]) {
  const chosen = CHECKS.filter((check) => ids.includes(check.id));
  return {
    exit: 0,
    data: {
      schema: SCHEMA,
      checks: chosen.map(({ id, title, severity, dependsOn, fix }) => ({
        id,
        title,
        severity,
        dependsOn,
        fix: fix.summary,
      })),
    },
    lines: chosen.map((check) => `${check.id.padEnd(11)} ${check.severity.padEnd(8)} ${check.title}`),
  };
}
