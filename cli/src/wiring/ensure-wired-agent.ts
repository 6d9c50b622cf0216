import { type EnsuredAgent, ensureAgent } from "../directus/agents.ts";
import type { ProfileAgent } from "../seed/profile-schema.ts";
import { directusUrl, wantedDirectus } from "../stack/directus-admin.ts";
import type { Stack } from "../stack/stack.ts";
import { tokenNames } from "./token-names.ts";

/** An agent's facts as the board keeps them; what is left out stays as it is. */
export type AgentFacts = Pick<ProfileAgent, "name" | "model_family"> & Partial<ProfileAgent>;

/** A user, a token and a board row for one agent. The token is made here, once, and kept as a secret only. */
export async function ensureWiredAgent(
  stack: Stack,
  facts: AgentFacts,
  signal: AbortSignal,
): Promise<EnsuredAgent & { readonly tokenMade: boolean }> {
  const { secret } = tokenNames(facts.name);
  const tokenMade = stack.secrets.ensure(secret);
  const admin = { url: directusUrl(stack), token: stack.secrets.read("directus_admin_token").reveal(), signal };
  const made = await ensureAgent(admin, wantedDirectus(stack).ids.roles.agent, {
    name: facts.name,
    modelFamily: facts.model_family,
    ...(facts.model === undefined ? {} : { model: facts.model }),
    ...(facts.title === undefined ? {} : { title: facts.title }),
    ...(facts.capabilities === undefined ? {} : { capabilities: facts.capabilities }),
    ...(facts.max_wip === undefined ? {} : { maxWip: facts.max_wip }),
    token: stack.secrets.read(secret).reveal(),
  });
  return { ...made, tokenMade };
}
