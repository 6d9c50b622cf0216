import { existsSync } from "node:fs";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Stack } from "../stack/stack.ts";
import { assertStateFolder, contains } from "../state/erase-state.ts";
import { carryOut, type Uninstalled } from "../uninstall/carry-out.ts";
import { planLines, planUninstall, type UninstallPlan } from "../uninstall/plan-uninstall.ts";
import { assertCacheUnshared } from "../uninstall/shared-cache.ts";
import type { Command, Invocation } from "./command.ts";

export const uninstall: Command = {
  name: "uninstall",
  summary: "Remove the instance from this machine, and prove that nothing of it is left",
  help: `Stops everything, deletes the state folder with its secrets, rows and runtimes, takes out of project folders what wire --into wrote, and looks
again: a process, port or file that is left is named, and the exit code is 7. Backups stay, and so does the checkout. On a terminal it shows
what goes and asks; elsewhere it needs --yes.

  elk-os uninstall --dry-run
  elk-os uninstall --yes --backups`,
  options: [
    { flags: "--yes", description: "do not ask" },
    { flags: "--dry-run", description: "show what would go and what would stay, and change nothing" },
    { flags: "--backups", description: "delete the backups as well" },
    { flags: "--keep-cache", description: "leave the installed runtimes" },
  ],
  run: (invocation) =>
    withStack(invocation.loaded, async (stack) => {
      const { options, reporter, signal } = invocation;
      const { config, driver, paths } = stack;
      if (!existsSync(paths.root)) return nothing();
      assertStateFolder(paths, config.cacheDir);
      const keepCache = options["keepCache"] === true;
      if (contains(paths.root, config.cacheDir) && !keepCache) assertCacheUnshared(stack);
      const plan = planUninstall(stack, { backups: options["backups"] === true, keepCache });
      const { keep } = plan;
      const remove = [...plan.state, ...plan.cache].map(({ path, what }) => ({ path, what }));
      const data = { driver: driver.id, state: paths.root, remove, clientFiles: Object.keys(plan.placed), keep };
      if (options["dryRun"] === true) {
        return {
          exit: EXIT.ok,
          data: { ok: true, dryRun: true, changed: 0, ...data },
          lines: [...planLines(plan, driver.id), "nothing was changed"],
        };
      }
      await confirm(invocation, stack, plan);
      const done = await carryOut(stack, plan, (line) => reporter.note(line), signal);
      const changed = done.removed.length + done.placed.filter(({ outcome }) => outcome !== "left").length;
      return {
        exit: EXIT.ok,
        data: { ok: true, dryRun: false, changed, ...data, clientFiles: done.placed, ports: done.ports, left: [] },
        lines: [...doneLines(done), ...keep.map(({ path, what }) => `kept    ${path}  ${what}`)],
      };
    }),
};

function nothing() {
  return { exit: EXIT.ok, data: { ok: true, changed: 0, left: [] }, lines: ["nothing to uninstall"] };
}

/** The name is typed, not a letter: a habit of answering "y" must not cost a board. @throws CliError DESTRUCTIVE_REFUSED */
async function confirm({ options, reporter, signal }: Invocation, stack: Stack, plan: UninstallPlan): Promise<void> {
  if (options["yes"] === true) return;
  const { config, driver, paths } = stack;
  for (const line of planLines(plan, driver.id)) reporter.note(line);
  const answer = await reporter.ask(`Type ${config.instance} to remove it: `, signal);
  if (answer === config.instance) return;
  throw new CliError("DESTRUCTIVE_REFUSED", {
    message:
      answer === null
        ? `uninstall deletes the board, the secrets and the runtimes in ${paths.root}.`
        : `"${answer}" is not ${config.instance}; nothing was changed.`,
    hint: "What would go: elk-os uninstall --dry-run. If that is meant: elk-os uninstall --yes",
  });
}

function doneLines({ removed, placed, ports }: Uninstalled): readonly string[] {
  return [
    ...removed.map((path) => `removed ${path}`),
    ...placed.map(({ path, outcome, why }) => `${outcome.padEnd(7)} ${path}  ${why}`),
    "no process of the instance lives, and no file of it is left",
    ...ports.map(
      ({ port, holder }) => `port    ${port}  ${holder === null ? "free" : `${holder}, not of this instance`}`,
    ),
  ];
}
