import { existsSync } from "node:fs";
import { relative } from "node:path";
import { emptyDatabase } from "../database/empty-database.ts";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { withStack } from "../stack/open-stack.ts";
import { assertStateFolder, erasable, erase } from "../state/erase-state.ts";
import { withLock } from "../state/lock.ts";
import { assertCacheUnshared } from "../uninstall/shared-cache.ts";
import type { Command } from "./command.ts";

export const reset: Command = {
  name: "reset",
  summary: "Stop everything and delete this instance's data, secrets and journal",
  help: `Nothing is kept but the cache of installed runtimes, which --cache deletes too, and the record of what wire --into wrote into other folders,
which uninstall needs. The board's rows are gone for good, so --yes is needed. An external Postgres (ELK_OS_DATABASE_URL) is left as it is;
with --drop-database the board, Directus's tables and their roles' rights are dropped there, and the empty database stays.

  elk-os reset --yes`,
  options: [
    { flags: "--yes", description: "confirm that the data may be deleted" },
    { flags: "--drop-database", description: "empty the database of an external Postgres as well" },
    { flags: "--cache", description: "delete the cache of installed runtimes as well" },
  ],
  run: ({ loaded, options, reporter, signal }) =>
    withStack(loaded, async (stack) => {
      const { paths, config } = stack;
      if (options["yes"] !== true) {
        throw new CliError("DESTRUCTIVE_REFUSED", {
          message: `reset deletes ${config.databaseUrl === undefined ? "the board, " : ""}the secrets and the journal in ${paths.root}.`,
          hint: "If that is meant: elk-os reset --yes",
        });
      }
      if (!existsSync(paths.root))
        return { exit: EXIT.ok, data: { ok: true, changed: 0, removed: [] }, lines: ["nothing to reset"] };
      assertStateFolder(paths, config.cacheDir);
      if (options["cache"] === true) assertCacheUnshared(stack);
      const keep = [paths.placed, ...(options["cache"] === true ? [] : [config.cacheDir])];
      const removed = await withLock({ path: paths.lock, command: "reset" }, async () => {
        if (options["dropDatabase"] === true) await emptyDatabase(stack);
        await stack.driver.down((line) => reporter.note(line), signal);
        await stack.driver.erase((line) => reporter.note(line), signal);
        const entries = erasable(paths, keep);
        erase(entries);
        return entries.map((path) => relative(paths.root, path));
      });
      return {
        exit: EXIT.ok,
        data: { ok: true, changed: removed.length, removed },
        lines: [`removed ${removed.join(", ")} from ${paths.root}`],
      };
    }),
};
