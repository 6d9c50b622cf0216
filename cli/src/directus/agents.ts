import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type DirectusClient, DirectusRefusal, type DirectusTarget, openDirectus } from "./client.ts";

export interface AgentSpec {
  /** Short unique name, such as a01. */
  readonly name: string;
  readonly modelFamily: string;
  readonly model?: string;
  readonly title?: string;
  readonly capabilities?: readonly string[];
  readonly maxWip?: number;
  /** Static token that the agent's Directus user shall have; the caller keeps it in the secret store. */
  readonly token: string;
}

export interface EnsuredAgent {
  /** Id of the os_agents row. */
  readonly agentId: string;
  /** Id of the Directus user. */
  readonly userId: string;
  readonly changed: boolean;
}

const agentRow = z.looseObject({ id: z.string(), name: z.string(), user: z.string().nullable(), status: z.string() });
const userRow = z.object({ id: z.string(), role: z.string().nullable(), status: z.string() });

/** Namespace of agents' user ids: any fixed uuid serves. */
const USER_NAMESPACE = "6d757374-6572-4061-8e67-656e74757365";

/** Id of an agent's Directus user, made from its name (uuid v5), so that a run that was cut off finds the user that it made. */
export function agentUserId(name: string): string {
  const digest = createHash("sha1")
    .update(Buffer.from(USER_NAMESPACE.replaceAll("-", ""), "hex"))
    .update(name)
    .digest();
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  return digest.toString("hex", 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * Makes true: a Directus user with the agent role and this token, and an os_agents row of this name linked to it. An existing row (a seeded
 * one has no user yet) is linked and gets the given facts; its status is left alone, so a suspended agent stays suspended. Idempotent.
 */
export async function ensureAgent(admin: DirectusTarget, role: string, spec: AgentSpec): Promise<EnsuredAgent> {
  const client = openDirectus(admin);
  const row = await findAgent(client, spec.name);
  const userId = row?.user ?? agentUserId(spec.name);
  const isUserNew = await ensureUser(admin, client, userId, role, spec);
  const facts = factsOf(spec, userId);
  if (row === null) {
    const created = z
      .object({ id: z.string() })
      .parse(await client.request("POST", "/items/os_agents", { body: facts }));
    return { agentId: created.id, userId, changed: true };
  }
  const stale = Object.entries(facts).filter(([key, value]) => !isDeepStrictEqual(row[key], value));
  if (stale.length > 0)
    await client.request("PATCH", `/items/os_agents/${row.id}`, { body: Object.fromEntries(stale) });
  return { agentId: row.id, userId, changed: isUserNew || stale.length > 0 };
}

/** Ends an agent's work: the board refuses its writes and Directus refuses its token. Its rows and its history stay. Null: no such agent. */
export async function suspendAgent(admin: DirectusTarget, name: string): Promise<{ readonly changed: boolean } | null> {
  const client = openDirectus(admin);
  const row = await findAgent(client, name);
  if (row === null) return null;
  // The board first: a cut between the two leaves a token that can read but write nothing.
  const wasActive = row.status !== "suspended";
  if (wasActive) await client.request("PATCH", `/items/os_agents/${row.id}`, { body: { status: "suspended" } });
  const user = row.user === null ? null : await findUser(client, row.user);
  const hadToken = user !== null && user.status !== "suspended";
  if (hadToken) await client.request("PATCH", `/users/${user.id}`, { body: { status: "suspended" } });
  return { changed: wasActive || hadToken };
}

async function findAgent(client: DirectusClient, name: string): Promise<z.infer<typeof agentRow> | null> {
  const params = { filter: { name: { _eq: name } }, limit: 1 };
  return z.array(agentRow).parse(await client.request("GET", "/items/os_agents", { params }))[0] ?? null;
}

async function findUser(client: DirectusClient, id: string): Promise<z.infer<typeof userRow> | null> {
  const params = { filter: { id: { _eq: id } }, limit: 1, fields: ["id", "role", "status"] };
  return z.array(userRow).parse(await client.request("GET", "/users", { params }))[0] ?? null;
}

async function ensureUser(
  admin: DirectusTarget,
  client: DirectusClient,
  id: string,
  role: string,
  spec: AgentSpec,
): Promise<boolean> {
  const user = await findUser(client, id);
  if (user === null) {
    const body = { id, first_name: spec.name, title: spec.title ?? null, role, token: spec.token, status: "active" };
    await client.request("POST", "/users", { body });
    return true;
  }
  const isRoleRight = user.role === role;
  const isTokenRight = user.status !== "active" || (await ownerOf({ ...admin, token: spec.token })) === id;
  if (isRoleRight && isTokenRight) return false;
  await client.request("PATCH", `/users/${id}`, { body: { role, token: spec.token } });
  return true;
}

/** Id of the user whose token it is, null when Directus knows no active user of it. Directus never shows a stored token, so this is how to compare one. */
export async function ownerOf(target: DirectusTarget): Promise<string | null> {
  try {
    const me = await openDirectus(target).request("GET", "/users/me", { params: { fields: ["id"] } });
    return z.object({ id: z.string() }).parse(me).id;
  } catch (error) {
    if (error instanceof DirectusRefusal && (error.status === 401 || error.status === 403)) return null;
    throw error;
  }
}

function factsOf(spec: AgentSpec, user: string): Readonly<Record<string, unknown>> {
  const facts = {
    name: spec.name,
    user,
    model_family: spec.modelFamily,
    model: spec.model,
    title: spec.title,
    capabilities: spec.capabilities,
    max_wip: spec.maxWip,
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
