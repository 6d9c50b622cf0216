import { CHECKS } from "../checks/index.ts";
import { isGreen, runChecks } from "../checks/run-checks.ts";
import type { LoadedConfig } from "../config/load.ts";
import { describeCost, loadPrices } from "../cost/describe-cost.ts";
import { administratorSql } from "../database/administrator-sql.ts";
import { administratorOf } from "../database/logins.ts";
import { assertDatabaseReady } from "../database/preflight.ts";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { readJournal } from "../journal/read-journal.ts";
import { counted } from "../output/counted.ts";
import type { CommandResult } from "../output/reporter.ts";
import { decideStep } from "../phases/decide-step.ts";
import { estimateStep, sayAbout, sayEstimate } from "../phases/estimate-step.ts";
import { PHASES } from "../phases/index.ts";
import { inputHash } from "../phases/input-hash.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Stack } from "../stack/stack.ts";
import type { Command } from "./command.ts";
import { STACK_OPTIONS } from "./phase-options.ts";
import { findObstacles } from "./preflight.ts";

export const plan: Command = {
  name: "plan",
  summary: "Say what `up` would do, and change nothing; exit 9 when there is something",
  help: `For each step: whether it would be skipped, adopted or run, and the check that says so; and for what the machine lacks that \`up\` would refuse. A step that would run and takes more than two seconds
has an estimate: its last time on this instance, or for a first run of the embedded driver what was measured on a bare two-core machine. With --cost: what a small machine costs a month at
that many hours a day, by the dated prices in deploy/prices.json; nobody is asked.

With --database-sql: the statements by which an administrator of an external Postgres (ELK_OS_DATABASE_URL) gives our login the rights that it needs.

  elk-os plan
  elk-os plan --cost --hours-per-day 8
  elk-os plan --database-sql`,
  options: [
    ...STACK_OPTIONS,
    { flags: "--cost", description: "say what a month costs instead" },
    { flags: "--hours-per-day <n>", description: "hours a day that the machine runs, 0 to 24 (default 24)" },
    { flags: "--database-sql", description: "print what an administrator of the external Postgres runs instead" },
  ],
  run: ({ loaded, options, signal }) => {
    if (options["cost"] === true || options["hoursPerDay"] !== undefined) return Promise.resolve(cost(loaded, options));
    if (options["databaseSql"] === true) return withStack(loaded, async (stack) => databaseSql(stack));
    return withStack(loaded, async (stack) => {
      await assertDatabaseReady(stack);
      const { records } = readJournal(stack.paths.journal);
      const steps = [];
      for (const phase of PHASES) {
        for (const step of phase.steps) {
          const results = await runChecks({
            registry: CHECKS,
            context: stack,
            only: step.proves,
            driver: stack.driver.id,
            signal,
          });
          const first = results.find((result) => !isGreen(result));
          const history = records.filter((record) => record.step === step.id);
          const decision = decideStep({
            history,
            inputHash: inputHash(await step.input(stack)),
            proven: first === undefined,
          });
          const because =
            first === undefined
              ? decision === "run"
                ? "its inputs changed"
                : "proven"
              : `${first.id}: ${first.evidence}`;
          const estimate = decision === "run" ? estimateStep(step.id, history, stack.driver.id) : null;
          steps.push({ id: step.id, action: decision, because, estimate });
        }
      }
      const pending = steps.filter((step) => step.action === "run");
      const obstacles = pending.length === 0 ? [] : await findObstacles(stack, signal);
      const estimates = pending.map((step) => step.estimate).filter((estimate) => estimate !== null);
      const estimateMs = estimates.length === 0 ? null : estimates.reduce((sum, { ms }) => sum + ms, 0);
      const about = estimateMs === null ? "" : `, ${sayAbout(estimateMs)} for ${estimates.length} of them`;
      return {
        exit: pending.length === 0 ? EXIT.ok : EXIT.pending,
        data: {
          ok: pending.length === 0,
          driver: stack.driver.id,
          pending: pending.length,
          estimateMs,
          steps,
          obstacles: obstacles.map(({ id, evidence, fix }) => ({ id, evidence, fix })),
        },
        lines: [
          ...steps.map(({ action, id, because, estimate }) => {
            const expected = estimate === null ? "" : ` (${sayEstimate(estimate)})`;
            return `${action.padEnd(6)} ${id.padEnd(20)} ${because}${expected}`;
          }),
          ...obstacles.map(({ id, evidence, fix }) => `refuse ${id.padEnd(20)} ${evidence}: ${fix}`),
          pending.length === 0
            ? "nothing to do"
            : `${counted(pending.length, "step")} pending${about}; elk-os up runs them`,
        ],
      };
    });
  },
};

function databaseSql({ config, secrets }: Stack): CommandResult {
  const administrator = administratorOf(config);
  if (administrator === null) {
    throw new CliError("USAGE_INVALID", {
      message: "ELK_OS_DATABASE_URL is unset: the instance runs a Postgres of its own, and makes its roles itself.",
      hint: "Set it to the external Postgres, with the login that elk-os shall use.",
    });
  }
  const sql = administratorSql(administrator.user, secrets);
  return { exit: EXIT.ok, data: { ok: true, login: administrator.user, sql }, lines: [sql.trimEnd()] };
}

function cost({ checkout }: LoadedConfig, options: Readonly<Record<string, unknown>>): CommandResult {
  const wanted = options["hoursPerDay"] ?? "24";
  const hours = Number(wanted);
  if (!(hours >= 0 && hours <= 24)) {
    throw new CliError("USAGE_INVALID", {
      message: `--hours-per-day is "${String(wanted)}"; a day has 0 to 24 hours.`,
      hint: "elk-os plan --cost --hours-per-day 8",
    });
  }
  return { exit: EXIT.ok, ...describeCost(loadPrices(checkout), hours) };
}
