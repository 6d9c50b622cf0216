import { EXIT } from "../errors/catalog.ts";
import { formatDuration } from "../output/duration.ts";
import { SERVICE_IDS } from "../services/service-def.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Command } from "./command.ts";
import { assertNoObstacles, STAGING_CHECKS } from "./preflight.ts";

export const stage: Command = {
  name: "stage",
  summary: "Install or build what every service runs, into the cache; start nothing",
  help: `What \`up\` would install at its beginning, without a look at ports or a running board: \`up\` is then short, and needs no registry. Nothing but
the cache changes, so it may run beside a board that is in use, and several instances share what it makes.

  elk-os stage`,
  run: ({ loaded, reporter, signal }) =>
    withStack(loaded, async (stack) => {
      const startedAt = performance.now();
      await assertNoObstacles(stack, signal, STAGING_CHECKS);
      const made: string[] = [];
      for (const service of SERVICE_IDS) {
        const progress = (line: string) => reporter.note(`${service}: ${line}`);
        if (await stack.driver.stage(service, progress, signal)) made.push(service);
      }
      return {
        exit: EXIT.ok,
        data: { ok: true, changed: made.length, made, cacheDir: stack.config.cacheDir },
        lines: [
          made.length === 0
            ? "everything is there"
            : `staged what ${made.join(", ")} run in ${formatDuration(performance.now() - startedAt)}`,
        ],
      };
    }),
};
