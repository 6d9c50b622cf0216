import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import type { CommandResult, Reporter } from "../output/reporter.ts";
import type { Stack } from "../stack/stack.ts";
import { CLIENTS, type ClientId } from "../wiring/client-snippets.ts";
import { mcpServers } from "../wiring/mcp-servers.ts";
import { SEARCH_KEY_SECRET, SEARCH_KEY_VARIABLE, tokenNames } from "../wiring/token-names.ts";
import { assertWired, mcpPlace, wiredAgents } from "../wiring/wired-files.ts";

/** The snippet on stdout, so that it can go straight into a file; where it belongs and what to export, on stderr. Writes nothing. */
export function printClient(stack: Stack, id: ClientId, wanted: string | null, reporter: Reporter): CommandResult {
  const agent = wanted ?? onlyAgent(stack);
  assertWired(stack, agent);
  const client = CLIENTS[id];
  const { variable, secret } = tokenNames(agent);
  const snippet = client.render(mcpServers(mcpPlace(stack, agent)));
  reporter.note(`${client.title}: into ${client.projectFile} of a project, or ${client.userFile}`);
  reporter.note(`export ${variable}="$(cat ${stack.secrets.path(secret)})"`);
  reporter.note(`export ${SEARCH_KEY_VARIABLE}="$(cat ${stack.secrets.path(SEARCH_KEY_SECRET)})"`);
  reporter.note(`What to know about ${client.title}: docs/clients.md. ${client.tried}`);
  return {
    exit: EXIT.ok,
    data: {
      ok: true,
      agent,
      client: id,
      projectFile: client.projectFile,
      userFile: client.userFile,
      language: client.language,
      snippet,
      tokenVariable: variable,
      tokenFile: secret,
      searchKeyVariable: SEARCH_KEY_VARIABLE,
      searchKeyFile: SEARCH_KEY_SECRET,
    },
    lines: [snippet.trimEnd()],
  };
}

/** @throws CliError USAGE_INVALID where there is a choice to make */
function onlyAgent(stack: Stack): string {
  const known = wiredAgents(stack);
  const [first, ...others] = known;
  if (first !== undefined && others.length === 0) return first;
  throw new CliError("USAGE_INVALID", {
    message: `--print-client needs an agent. Wired are: ${known.join(", ") || "none"}.`,
    hint:
      first === undefined
        ? "elk-os up, or: elk-os agent add NAME --model-family FAMILY"
        : `elk-os wire --print-client codex --agent ${first}`,
  });
}
