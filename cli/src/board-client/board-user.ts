import type { LoadedConfig } from "../config/load.ts";
import { tokenFromEnvironment } from "../config/load.ts";
import { CliError } from "../errors/cli-error.ts";
import { agentName } from "../seed/profile-schema.ts";
import { statePaths } from "../state/paths.ts";
import { openSecrets } from "../state/secrets.ts";
import { tokenNames } from "../wiring/token-names.ts";
import { type BoardClient, openBoard } from "./board-client.ts";
import { type Outbox, openOutbox } from "./outbox.ts";

/** Who a board command acts as. */
export interface BoardUser {
  /** The agent's name; "steward" for the operator. */
  readonly name: string;
  readonly url: string;
  readonly token: string;
  readonly board: BoardClient;
  readonly outbox: Outbox;
}

/**
 * The agent named by `--agent`, with the token from its environment variable or else from the secrets folder; without a name the operator,
 * who is a steward. @throws CliError AGENT_INVALID when there is no such token
 */
export function openBoardUser(loaded: LoadedConfig, agent: unknown, signal: AbortSignal): BoardUser {
  const { value: config } = loaded;
  const paths = statePaths(config.stateDir);
  const name = typeof agent === "string" ? agent : "steward";
  const url = `http://127.0.0.1:${config.directusPort}`;
  const token = typeof agent === "string" ? agentToken(agent, paths.secrets) : operatorToken(paths.secrets);
  return { name, url, token, board: openBoard({ url, token, signal }), outbox: openOutbox(paths.outbox, name) };
}

function agentToken(agent: string, folder: string): string {
  if (!agentName.safeParse(agent).success) throw unknownAgent(agent, "That is no agent's name.");
  const { variable, secret } = tokenNames(agent);
  const secrets = openSecrets(folder);
  const token = tokenFromEnvironment(variable) ?? (secrets.has(secret) ? secrets.read(secret).reveal() : null);
  if (token === null) throw unknownAgent(agent, `Neither ${variable} nor secrets/${secret} holds a token.`);
  return token;
}

function operatorToken(folder: string): string {
  const secrets = openSecrets(folder);
  if (secrets.has("directus_admin_token")) return secrets.read("directus_admin_token").reveal();
  throw unknownAgent("", "This command needs --agent NAME: there is no operator's token here.");
}

function unknownAgent(agent: string, message: string): CliError {
  return new CliError("AGENT_INVALID", {
    message,
    hint: `elk-os agent add ${agent === "" ? "NAME" : agent} --model-family F, or set the variable to the agent's token.`,
  });
}
