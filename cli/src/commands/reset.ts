import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { withStack } from "../stack/open-stack.ts";
import { withLock } from "../state/lock.ts";
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
      const removed = await withLock({ path: paths.lock, command: "reset" }, async () => {
        await stack.driver.down((line) => reporter.note(line), signal);
        const entries = readdirSync(paths.root)
          .map((name) => join(paths.root, name))
          .filter((path) => path !== paths.lock && (keep === null || !contains(path, keep)));
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

function contains(folder: string, path: string): boolean {
  return resolve(path) === folder || resolve(path).startsWith(`${folder}/`);
}
