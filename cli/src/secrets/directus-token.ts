import { ownerOf } from "../directus/agents.ts";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { CliError } from "../errors/cli-error.ts";
import { directusUrl } from "../stack/directus-admin.ts";
import { queryRows } from "../stack/sql.ts";
import type { Stack } from "../stack/stack.ts";
import type { Secret } from "../state/secret.ts";
import { changed, live, type SecretUse, unknown } from "./standing.ts";

/** The static token of one Directus user. It is set in the table: the API asks for a token that works, which may be what is missing. */
export function directusToken(whose: string, findUser: (stack: Stack) => Promise<string>): SecretUse {
  return {
    async look(stack, value, signal) {
      try {
        const user = await findUser(stack);
        const owner = await ownerOf({ url: directusUrl(stack), token: value.reveal(), signal });
        if (owner === user) return live(`Directus knows it as ${whose}`);
        if (owner !== null) return changed(`it opens user ${owner}, not ${whose}`);
        const isKept = await isTokenOfSuspended(stack, user, value);
        return isKept
          ? live(`${whose} is suspended; it would open nothing but ${whose} again`)
          : changed("Directus refuses it");
      } catch (error) {
        return unknown(error);
      }
    },
    async put(stack, value) {
      const user = await findUser(stack);
      await stack.connections.withClient("postgres", async (client) => {
        await client.query(readSql("log.keep-parameters-out"));
        await client.query(readSql("directus.set-token"), [user, value.reveal()]);
      });
    },
  };
}

/** Nobody may log in as a suspended user, so its token is looked for in the table. */
function isTokenOfSuspended({ connections }: Stack, user: string, value: Secret): Promise<boolean> {
  return connections.withClient("postgres", async (client) => {
    await client.query(readSql("log.keep-parameters-out"));
    const { rows } = await client.query<{ holds: boolean | null }>(readSql("directus.suspended-holds-token"), [
      user,
      value.reveal(),
    ]);
    return rows[0]?.holds === true;
  });
}

/** User of an agent. @throws CliError AGENT_INVALID */
export async function userOfAgent({ connections }: Stack, agent: string): Promise<string> {
  const [row] = await queryRows<{ id: string }>(connections, "postgres", "directus.user-of-agent", [agent]);
  if (row !== undefined) return row.id;
  throw new CliError("AGENT_INVALID", {
    message: `Agent ${agent} has a token file and no user on the board.`,
    hint: `elk-os agent add ${agent} --model-family FAMILY, or remove secrets/agent-${agent}`,
  });
}

/** The administrator by the configured address. @throws CliError CONFIG_VALUE_INVALID */
export async function administrator({
  connections,
  config,
}: Stack): Promise<{ readonly id: string; readonly password: string | null }> {
  const [row] = await queryRows<{ id: string; password: string | null }>(
    connections,
    "postgres",
    "directus.administrator",
    [config.adminEmail],
  );
  if (row !== undefined) return row;
  throw new CliError("CONFIG_VALUE_INVALID", {
    message: `Directus has no active user with the address ${config.adminEmail}.`,
    hint: "Set ELK_OS_ADMIN_EMAIL to the administrator's address, or give the user that address again in the Studio.",
  });
}
