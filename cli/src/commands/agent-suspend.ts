import { suspendAgent } from "../directus/agents.ts";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { directusUrl } from "../stack/directus-admin.ts";
import { withStack } from "../stack/open-stack.ts";
import { withLock } from "../state/lock.ts";
import type { Command } from "./command.ts";

export const agentSuspend: Command = {
  name: "agent suspend",
  summary: "Suspend an agent: its token is refused and the board takes no write of it; its history stays",
  help: "Agents are never deleted, because receipts name them.\n\n  elk-os agent suspend reviewer-1",
  arguments: [{ name: "<name>", description: "the agent's name" }],
  run: ({ args, loaded, signal }) =>
    withStack(loaded, (stack) =>
      withLock({ path: stack.paths.lock, command: "agent suspend" }, async () => {
        const name = args[0] ?? "";
        const token = stack.secrets.read("directus_admin_token").reveal();
        const outcome = await suspendAgent({ url: directusUrl(stack), token, signal }, name);
        if (outcome === null) {
          throw new CliError("AGENT_INVALID", {
            message: `There is no agent "${name}" on the board.`,
            hint: "The portal's Agents page lists them all.",
          });
        }
        return {
          exit: EXIT.ok,
          data: { ok: true, name, changed: outcome.changed ? 1 : 0 },
          lines: [outcome.changed ? `suspended  ${name}` : `${name} was suspended already`],
        };
      }),
    ),
};
