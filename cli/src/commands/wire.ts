import { resolve } from "node:path";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { counted } from "../output/counted.ts";
import { withStack } from "../stack/open-stack.ts";
import { withLock } from "../state/lock.ts";
import { CLIENT_IDS, isClientId } from "../wiring/client-snippets.ts";
import { fitIntoFolder } from "../wiring/place-client-files.ts";
import { recordPlaced } from "../wiring/placed-files.ts";
import { SEARCH_KEY_SECRET, SEARCH_KEY_VARIABLE, tokenNames } from "../wiring/token-names.ts";
import { assertWired, ensureFiles, filesFor } from "../wiring/wired-files.ts";
import { bringUp } from "./bring-up.ts";
import type { Command } from "./command.ts";
import { STACK_OPTIONS } from "./phase-options.ts";
import { printClient } from "./print-client.ts";

export const wire: Command = {
  name: "wire",
  summary: "Turn native MCP on, give each agent a token, write client files and the constitution",
  help: `Without options: the wire phase. With --agent and --into: write .mcp.json, .claude/settings.json and
CLAUDE.md for that agent into a project folder. JSON that is there is merged, foreign rules are never replaced.
The files name environment variables, never a token or a key. With --print-client: the same servers for another MCP client, on stdout
(docs/clients.md); --agent may be left out where only one agent is wired.

  elk-os wire
  elk-os wire --agent a01 --into ../my-project
  elk-os wire --agent a01 --print-client codex >> ~/.codex/config.toml`,
  options: [
    ...STACK_OPTIONS,
    { flags: "--agent <name>", description: "agent whose client files to write or print" },
    {
      flags: "--print-client <client>",
      description: "print the servers as another MCP client wants them, and write nothing",
      choices: CLIENT_IDS,
    },
    { flags: "--into <folder>", description: "project folder to write them into" },
  ],
  run(invocation) {
    const { agent, into, printClient: client } = invocation.options;
    if (typeof client === "string" && isClientId(client)) {
      if (into !== undefined) {
        throw new CliError("USAGE_INVALID", {
          message: "--print-client writes nothing, so it takes no --into.",
          hint: `elk-os wire --print-client ${client} --agent a01`,
        });
      }
      const wanted = typeof agent === "string" ? agent : null;
      return withStack(invocation.loaded, async (stack) => printClient(stack, client, wanted, invocation.reporter));
    }
    if (agent === undefined && into === undefined) return bringUp(invocation, ["wire"]);
    if (typeof agent !== "string" || typeof into !== "string") {
      throw new CliError("USAGE_INVALID", {
        message: "--agent and --into go together.",
        hint: "elk-os wire --agent a01 --into FOLDER",
      });
    }
    return withStack(invocation.loaded, async (stack) => {
      const { paths } = stack;
      assertWired(stack, agent);
      const folder = resolve(into);
      const files = fitIntoFolder(filesFor(stack, agent, folder));
      const changed = await withLock({ path: paths.lock, command: "wire" }, async () => {
        recordPlaced(paths.placed, files);
        return ensureFiles(files);
      });
      const { variable, secret } = tokenNames(agent);
      return {
        exit: EXIT.ok,
        data: {
          ok: true,
          agent,
          folder,
          changed,
          tokenVariable: variable,
          tokenFile: secret,
          searchKeyVariable: SEARCH_KEY_VARIABLE,
          searchKeyFile: SEARCH_KEY_SECRET,
        },
        lines: [
          `${folder}: ${counted(changed, "file")} written`,
          `export ${variable}="$(cat ${stack.secrets.path(secret)})"`,
          `export ${SEARCH_KEY_VARIABLE}="$(cat ${stack.secrets.path(SEARCH_KEY_SECRET)})"`,
        ],
      };
    });
  },
};
