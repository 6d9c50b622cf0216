import { openMcp } from "../directus/mcp-probe.ts";
import { findUnread, type SampleTask } from "../directus/read-back.ts";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { agentName } from "../seed/profile-schema.ts";
import { directusUrl } from "../stack/directus-admin.ts";
import { withStack } from "../stack/open-stack.ts";
import { queryRows } from "../stack/sql.ts";
import type { Stack } from "../stack/stack.ts";
import { withLock } from "../state/lock.ts";
import { ensureWiredAgent } from "../wiring/ensure-wired-agent.ts";
import { tokenNames } from "../wiring/token-names.ts";
import { ensureFiles, wantedFiles } from "../wiring/wired-files.ts";
import type { Command } from "./command.ts";

/** One lower-case word: verification compares families as words, so "Claude" and "claude" must not differ. */
const FAMILY = /^[a-z][a-z0-9-]{0,38}$/;

export const agentAdd: Command = {
  name: "agent add",
  summary: "Add an agent: a Directus user, a token in the secrets folder, a row on the board",
  help: `The model family decides whose work the agent may verify: at medium and high risk it must differ from the
author's. The token is never shown; the answer names the variable and the file that hold it. Before it answers, a task of the
board is read over MCP as the new agent.

  elk-os agent add reviewer-1 --model-family mistral`,
  arguments: [{ name: "<name>", description: "short unique name: lower-case letters, digits, dashes" }],
  options: [
    {
      flags: "--model-family <family>",
      description: "family of the model behind the agent, such as claude, gpt, mistral",
    },
    { flags: "--model <model>", description: "exact model, for the record" },
    { flags: "--title <title>", description: "what the agent is for, for people" },
  ],
  run({ args, options, loaded, signal }) {
    const name = args[0] ?? "";
    const family = options["modelFamily"];
    if (!agentName.safeParse(name).success) {
      throw new CliError("AGENT_INVALID", {
        message: `"${name}" cannot be an agent's name.`,
        hint: "Use lower-case letters, digits and dashes, beginning with a letter, at most 39.",
      });
    }
    if (typeof family !== "string" || !FAMILY.test(family)) {
      throw new CliError("AGENT_INVALID", {
        message:
          family === undefined ? "An agent needs a model family." : `"${String(family)}" cannot be a model family.`,
        hint: `elk-os agent add ${name} --model-family claude (one lower-case word)`,
      });
    }
    return withStack(loaded, (stack) =>
      withLock({ path: stack.paths.lock, command: "agent add" }, async () => {
        stack.instance();
        const { model, title } = options;
        const made = await ensureWiredAgent(
          stack,
          {
            name,
            model_family: family,
            ...(typeof model === "string" ? { model } : {}),
            ...(typeof title === "string" ? { title } : {}),
          },
          signal,
        );
        ensureFiles(wantedFiles(stack));
        const { variable, secret } = tokenNames(name);
        const proof = await proveLoop(stack, name, signal);
        const changed = made.changed || made.tokenMade;
        return {
          exit: EXIT.ok,
          data: {
            ok: true,
            changed: changed ? 1 : 0,
            name,
            modelFamily: family,
            userId: made.userId,
            tokenVariable: variable,
            tokenFile: `secrets/${secret}`,
          },
          lines: [
            `${changed ? "added" : "unchanged"}  ${name}  ${family}  user ${made.userId}`,
            `token  in ${stack.secrets.path(secret)}; clients read it from ${variable}`,
            `proof  ${proof}`,
            `wire   elk-os wire --agent ${name} --into FOLDER`,
          ],
        };
      }),
    );
  },
};

/**
 * Goes the way that the agent will go, and says what it saw. An agent that was suspended keeps its token and reads nothing.
 * @throws CliError BOARD_UNREACHABLE when the agent cannot read the board over MCP
 */
async function proveLoop(stack: Stack, name: string, signal: AbortSignal): Promise<string> {
  const rows = await queryRows<{ name: string; status: string }>(stack.connections, "postgres", "agents.list");
  const status = rows.find((row) => row.name === name)?.status ?? "absent";
  if (status !== "active") return `none: the agent is ${status}`;
  const [task] = await queryRows<SampleTask>(stack.connections, "muster_portal", "task.sample");
  if (task === undefined) return "none: the board has no task to read";
  const token = stack.secrets.read(tokenNames(name).secret).reveal();
  const mcp = openMcp({ url: directusUrl(stack), token, signal });
  await mcp.initialize();
  const unread = await findUnread(mcp, task);
  if (unread === null) return `task #${task.number} read over MCP as ${name}`;
  throw new CliError("BOARD_UNREACHABLE", {
    message: `${name} was added and cannot work: ${unread}.`,
    hint: `elk-os doctor --only MCP-01 says more; then elk-os agent add ${name} again: it changes nothing that is right.`,
  });
}
