/** Agents and tasks of a scripted fleet on a running stack: a public project of its own, so that the portal shows it. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { ensureAgent, suspendAgent } from "../../cli/src/directus/agents.ts";
import { type DirectusTarget, openDirectus } from "../../cli/src/directus/client.ts";
import type { DirectusData } from "../../cli/src/directus/data-schema.ts";
import type { FleetAgent } from "./agent.ts";

export const PROJECT_KEY = "fleet";
const FAMILIES = ["claude", "gpt", "gemini"] as const;
/** MAX_BATCH_MUTATION of our Directus. */
const BATCH = 20;
/** Short, so that the claim of a dead agent ends while somebody watches. */
const LEASE_SECONDS = 15;

const idRow = z.looseObject({ id: z.string() });
const taskRow = z.looseObject({ id: z.string(), number: z.int() });
export type FieldTask = z.infer<typeof taskRow>;

export async function gatherAgents(
  admin: DirectusTarget,
  ids: DirectusData["ids"],
  count: number,
): Promise<readonly FleetAgent[]> {
  const client = openDirectus(admin);
  const agents: FleetAgent[] = [];
  for (let at = 0; at < count; at += 1) {
    const name = `fleet-${String(at + 1).padStart(2, "0")}`;
    const token = `fleet-${randomUUID()}`;
    const modelFamily = FAMILIES[at % FAMILIES.length] ?? "claude";
    const spec = { name, modelFamily, title: "Works in the scripted fleet", maxWip: 2, token };
    const { agentId, userId } = await ensureAgent(admin, ids.roles.agent, spec);
    await client.request("PATCH", `/users/${userId}`, { body: { status: "active", token } });
    await client.request("PATCH", `/items/os_agents/${agentId}`, { body: { status: "active" } });
    agents.push({ name, token, session: `${name}-${randomUUID()}` });
  }
  return agents;
}

/** Ready tasks of the fleet's own project. */
export async function addTasks(admin: DirectusTarget, count: number): Promise<readonly FieldTask[]> {
  const client = openDirectus(admin);
  const params = { filter: { key: { _eq: PROJECT_KEY } }, limit: 1 };
  const [known] = z.array(idRow).parse(await client.request("GET", "/items/os_projects", { params }));
  const body = { key: PROJECT_KEY, name: "Scripted fleet", visibility: "public" };
  const project = known ?? idRow.parse(await client.request("POST", "/items/os_projects", { body }));
  const made: FieldTask[] = [];
  for (let at = 0; at < count; at += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, count - at) }, (_, offset) => ({
      project: project.id,
      title: `Fleet task ${at + offset + 1}`,
      class: "chore",
      priority: "P3",
      status: "ready",
      lease_seconds: LEASE_SECONDS,
      max_attempts: 10,
      acceptance: [{ id: "a1", text: "A stranger can run it." }],
    }));
    const answer = await client.request("POST", "/items/os_tasks", {
      params: { fields: ["id", "number"] },
      body: rows,
    });
    made.push(...z.array(taskRow).parse(answer));
  }
  return made;
}

/** Cancels what is still open and suspends the agents: nothing of the fleet can be claimed afterwards. */
export async function clearField(
  admin: DirectusTarget,
  tasks: readonly FieldTask[],
  agents: readonly FleetAgent[],
): Promise<void> {
  const client = openDirectus(admin);
  const data = { status: "cancelled", status_reason: "The fleet has stopped." };
  const open = new Set(tasks.map(({ id }) => id));
  for (let at = 0; at < tasks.length; at += BATCH) {
    const ids = tasks.slice(at, at + BATCH).map(({ id }) => id);
    const params = { filter: { id: { _in: ids }, status: { _in: ["done", "cancelled"] } }, fields: ["id"] };
    for (const { id } of z.array(idRow).parse(await client.request("GET", "/items/os_tasks", { params })))
      open.delete(id);
    const keys = ids.filter((id) => open.has(id));
    if (keys.length > 0) await client.request("PATCH", "/items/os_tasks", { body: { keys, data } });
  }
  for (const { name } of agents) await suspendAgent(admin, name);
}
