import { CLIENTS } from "../../cli/src/wiring/client-snippets.ts";
import { mcpServers } from "../../cli/src/wiring/mcp-servers.ts";
import { SEARCH_KEY_SECRET, SEARCH_KEY_VARIABLE, tokenNames } from "../../cli/src/wiring/token-names.ts";
import { GENERATED_NOTICE, markdownTable } from "./table.ts";

/** An instance on the default ports, as a reader's may be. */
const EXAMPLE = { agent: "a01", directusUrl: "http://127.0.0.1:8055", ragUrl: "http://127.0.0.1:9100" };

const MEANING: Readonly<Record<string, string>> = {
  board: "the board's verbs: claim, note, submit, verify (docs/verbs.md)",
  muster: "Directus's native tools, by search instead of as a list",
  memory: "search over memory, log, docs and tasks",
};

export function clientsDocument(): string {
  const servers = mcpServers(EXAMPLE);
  const { variable, secret } = tokenNames(EXAMPLE.agent);
  const sections = Object.entries(CLIENTS).map(([id, client]) =>
    [
      `## ${client.title}`,
      "",
      `\`elk-os wire --agent ${EXAMPLE.agent} --print-client ${id}\` prints, for \`${client.projectFile}\` of a project or \`${client.userFile}\`:`,
      "",
      `\`\`\`${client.language}`,
      client.render(servers).trimEnd(),
      "```",
      "",
      ...client.notes.map((note) => `- ${note}`),
      `- The format: <${client.source}>, a stored copy read on ${client.readOn}. **${client.tried}**`,
      "",
    ].join("\n"),
  );
  return `${GENERATED_NOTICE}

# MCP clients

An agent works through any client that speaks MCP over HTTP and sends a bearer token. Three servers:

${markdownTable(
  ["name", "address on the default ports", "token from", "what"],
  servers.map(({ name, url, variable: token }) => [name, url, token, MEANING[name] ?? ""]),
)}

The token is never in a file of the client: the config names an environment variable, and the shell that starts the client sets it:

\`\`\`
export ${variable}="$(cat STATE/secrets/${secret})"
export ${SEARCH_KEY_VARIABLE}="$(cat STATE/secrets/${SEARCH_KEY_SECRET})"
\`\`\`

For **Claude Code**, \`elk-os wire --agent ${EXAMPLE.agent} --into FOLDER\` writes \`.mcp.json\`, its approval and the constitution; a test connects the real
client. The files of the clients below hold more than servers and belong to their users, so elk-os prints what belongs there and writes
nothing; where a file has servers already, merge by hand. The constitution is in the agent's folder in the state folder's \`wire/\`:
give it to the client as its rules file.

A tool of the board may wait 45 s for a task. Where a client has a setting for that, the snippet sets 60 s.

${sections.join("\n")}`;
}
