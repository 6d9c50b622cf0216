import { EXIT } from "../errors/catalog.ts";
import { counted } from "../output/counted.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Command } from "./command.ts";
import { placesOf } from "./places.ts";

export const status: Command = {
  name: "status",
  summary: "Say which services run; exit 8 when one does not",
  help: "Processes only, in an instant. What they are worth is for `elk-os doctor` to say.",
  run: ({ loaded }) =>
    withStack(loaded, async (stack) => {
      const services = await stack.driver.status();
      const ok = services.every((service) => service.state === "running");
      return {
        exit: ok ? EXIT.ok : EXIT.unreachable,
        data: { ok, driver: stack.driver.id, profile: stack.config.profile, state: stack.paths.root, services },
        lines: [
          ...services.map((service) => {
            const rss = service.rssBytes === null ? "" : `${Math.round(service.rssBytes / 1024 / 1024)} MB`;
            const facts =
              service.pid === null
                ? (service.reason ?? "")
                : `pid ${service.pid}  since ${service.startedAt}  ${counted(service.restarts, "restart")}  ${rss}`;
            return `${service.service.padEnd(10)} ${service.state.padEnd(9)} ${`${service.host}:${service.port}`.padEnd(16)} ${facts}`.trimEnd();
          }),
          ...(ok ? placesOf(stack) : ["", "Next      elk-os up"]),
        ],
      };
    }),
};
