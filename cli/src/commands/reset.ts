import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { withStack } from "../stack/open-stack.ts";
import { withLock } from "../state/lock.ts";
import type { StatePaths } from "../state/paths.ts";
import type { Command } from "./command.ts";

export const reset: Command = {
  name: "reset",
  summary: "Stop everything and delete this instance's data, secrets and journal",
  help: `Nothing is kept but the cache of installed runtimes; --cache deletes that too. The board's rows are
gone for good, so --yes is needed.

  elk-os reset --yes`,
  options: [
    { flags: "--yes", description: "confirm that the data may be deleted" },
    { flags: "--cache", description: "delete the cache of installed runtimes as well" },
  ],
  run: ({ loaded, options, reporter, signal }) =>
    withStack(loaded, async (stack) => {
      const { paths, config } = stack;
      if (options["yes"] !== true) {
        throw new CliError("DESTRUCTIVE_REFUSED", {
          message: `reset deletes the board, the secrets and the journal in ${paths.root}.`,
          hint: "If that is meant: elk-os reset --yes",
        });
      }
      if (!existsSync(paths.root))
        return { exit: EXIT.ok, data: { ok: true, changed: 0, removed: [] }, lines: ["nothing to reset"] };
      const keep = options["cache"] === true ? null : config.cacheDir;
      assertStateFolder(paths, config.cacheDir);
      const removed = await withLock({ path: paths.lock, command: "reset" }, async () => {
        await stack.driver.down((line) => reporter.note(line), signal);
        await stack.driver.erase((line) => reporter.note(line), signal);
        const entries = readdirSync(paths.root)
          .map((name) => join(paths.root, name))
          .filter((path) => path !== paths.lock && (keep === null || !contains(path, keep)))
          // The mark of a state folder goes last, so that a reset that was cut short can be run again.
          .sort((a, b) => Number(a === paths.journal) - Number(b === paths.journal));
        for (const path of entries) rmSync(path, { recursive: true, force: true });
        return entries.map((path) => relative(paths.root, path));
      });
      return {
        exit: EXIT.ok,
        data: { ok: true, changed: removed.length, removed },
        lines: [`removed ${removed.join(", ")} from ${paths.root}`],
      };
    }),
};

/** A wrong --state-dir must not cost somebody their home. */
function assertStateFolder(paths: StatePaths, cacheDir: string): void {
  if (existsSync(paths.journal) || existsSync(paths.instance)) return;
  const stranger = readdirSync(paths.root).find(
    (name) => join(paths.root, name) !== paths.lock && !contains(join(paths.root, name), cacheDir),
  );
  if (stranger === undefined) return;
  throw new CliError("DESTRUCTIVE_REFUSED", {
    message: `${paths.root} has neither a journal nor an instance.json, but it has "${stranger}": it is no state folder.`,
    hint: "Name the right folder with --state-dir, or delete this one by hand.",
  });
}

function contains(folder: string, path: string): boolean {
  return resolve(path) === folder || resolve(path).startsWith(`${folder}/`);
}
