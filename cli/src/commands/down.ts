import { existsSync } from "node:fs";
import { EXIT } from "../errors/catalog.ts";
import { formatDuration } from "../output/duration.ts";
import { withStack } from "../stack/open-stack.ts";
import { withLock } from "../state/lock.ts";
import type { Command } from "./command.ts";

export const down: Command = {
  name: "down",
  summary: "Stop every service; all data is kept",
  help: "Stops portal, search, Directus and Postgres in that order, then the supervisor. `elk-os up` starts them again.",
  run: ({ loaded, reporter, signal }) =>
    withStack(loaded, async (stack) => {
      const startedAt = performance.now();
      const stopped =
        existsSync(stack.paths.root) &&
        (await withLock({ path: stack.paths.lock, command: "down" }, () =>
          stack.driver.down((line) => reporter.note(line), signal),
        ));
      return {
        exit: EXIT.ok,
        data: { ok: true, changed: stopped ? 1 : 0 },
        lines: [stopped ? `stopped in ${formatDuration(performance.now() - startedAt)}; data is kept` : "nothing ran"],
      };
    }),
};
