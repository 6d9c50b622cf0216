import { CliError } from "../errors/cli-error.ts";
import { SECRETS, type SecretName, type SecretStore } from "../state/secrets.ts";
import { adminPassword } from "./admin-password.ts";
import { databasePassword } from "./database-password.ts";
import { administrator, directusToken, userOfAgent } from "./directus-token.ts";
import type { SecretUse } from "./standing.ts";
import { directusSecret, instanceKey, ragKey } from "./started-with.ts";

const USES: Readonly<Record<keyof typeof SECRETS, SecretUse>> = {
  // First: what is looked at and set below goes through it.
  postgres_superuser_password: databasePassword("postgres"),
  muster_directus_password: databasePassword("muster_directus"),
  muster_portal_password: databasePassword("muster_portal"),
  muster_rag_password: databasePassword("muster_rag"),
  directus_admin_token: directusToken("the administrator", async (stack) => (await administrator(stack)).id),
  directus_admin_password: adminPassword,
  directus_secret: directusSecret,
  rag_key: ragKey,
  instance_key: instanceKey,
};

/** Every secret that this instance has or must have, in the order in which they are put in force. */
export function secretNames(secrets: SecretStore): readonly SecretName[] {
  const agents = secrets.names().filter((name): name is `agent-${string}` => name.startsWith("agent-"));
  return [...(Object.keys(USES) as (keyof typeof SECRETS)[]), ...agents];
}

export function useOf(name: SecretName): SecretUse {
  if (!isAgent(name)) return USES[name];
  const agent = name.slice("agent-".length);
  return directusToken(`agent ${agent}`, (stack) => userOfAgent(stack, agent));
}

export function purposeOf(name: SecretName): string {
  return isAgent(name) ? `token of agent ${name.slice("agent-".length)}` : SECRETS[name].purpose;
}

/** @throws CliError SECRET_UNKNOWN */
export function getSecretName(secrets: SecretStore, wanted: string): SecretName {
  const known = secretNames(secrets);
  const found = known.find((name) => name === wanted);
  if (found !== undefined) return found;
  throw new CliError("SECRET_UNKNOWN", {
    message: `There is no secret "${wanted}".`,
    hint: `elk-os secrets list shows them: ${known.join(", ")}`,
  });
}

function isAgent(name: SecretName): name is `agent-${string}` {
  return name.startsWith("agent-");
}
