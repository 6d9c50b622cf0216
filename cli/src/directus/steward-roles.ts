import { z } from "zod";
import type { DirectusClient } from "./client.ts";
import type { Ids } from "./data-schema.ts";

const me = z.object({ role: z.string() });

/** The allow-list for `muster.set_config('steward_roles', …)`: our steward role and the role of the administrator that this client is. */
export async function fetchStewardRoles(client: DirectusClient, ids: Ids): Promise<readonly string[]> {
  const { role } = me.parse(await client.request("GET", "/users/me", { params: { fields: ["role"] } }));
  return [ids.roles.steward, role];
}
