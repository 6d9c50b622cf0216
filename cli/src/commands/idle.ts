import { EXIT } from "../errors/catalog.ts";
import { reasonsToStay } from "../idle/judge-idle.ts";
import { readActivity } from "../idle/read-activity.ts";
import { counted } from "../output/counted.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Command } from "./command.ts";
import { countOption } from "./count-option.ts";

const MINUTES = { otherwise: 30, most: 7 * 24 * 60 } as const;

export const idle: Command = {
  name: "idle",
  summary: "Say whether nobody used the board for a while; exit 9 when somebody did",
  help: `Idle is a board without a live lease, not written for that long, of services that have run for that long, while no other elk-os works on it. Who
only reads leaves no trace: readers of the portal and searches do not count. Exit 0 when idle; 9 when in use, as \`plan\` ends while something is left to
do; 8 when the services do not run, because then nobody can say. Changes nothing. What stops a machine that is idle: docs/deploy.md.

  elk-os idle --minutes 30 --json`,
  options: [
    {
      flags: "--minutes <n>",
      description: `quiet for so many minutes (default ${MINUTES.otherwise}, at most ${MINUTES.most})`,
    },
  ],
  run: ({ loaded, options }) =>
    withStack(loaded, async (stack) => {
      const minutes = countOption(options, "minutes", MINUTES);
      const activity = await readActivity(stack);
      const reasons = reasonsToStay(activity, minutes);
      const isIdle = reasons.length === 0;
      return {
        exit: isIdle ? EXIT.ok : EXIT.pending,
        data: {
          ok: isIdle,
          idle: isIdle,
          minutes,
          leases: activity.leases,
          newestEventAt: activity.newestEvent?.toISOString() ?? null,
          upSince: activity.upSince.toISOString(),
          reasons,
        },
        lines: isIdle ? [`idle for ${counted(minutes, "minute")}`] : reasons.map((reason) => `in use: ${reason}`),
      };
    }),
};
