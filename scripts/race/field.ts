/** Racers and tasks of a race on a running stack: a private project, so that nothing of it shows on the portal. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { ensureAgent, suspendAgent } from "../../cli/src/directus/agents.ts";
import { type DirectusTarget, openDirectus } from "../../cli/src/directus/client.ts";
import type { DirectusData } from "../../cli/src/directus/data-schema.ts";
import type { Racer } from "./doors.ts";

const PROJECT_KEY = "race";
/** MAX_BATCH_MUTATION of our Directus. */
const BATCH = 20;

const idRow = z.looseObject({ id: z.string() });

/** Makes the racers' agents, or wakes those of an earlier race; each gets a new token. */
export async function gatherRacers(
  admin: DirectusTarget,
  ids: DirectusData["ids"],
  count: number,
  tasks: number,
): Promise<readonly Racer[]> {
  const client = openDirectus(admin);
  const racers: Racer[] = [];
  for (let at = 1; at <= count; at += 1) {
    const name = `race-${String(at).padStart(2, "0")}`;
    const token = `race-${randomUUID()}`;
    const spec = { name, modelFamily: "race", title: "Races through every door", maxWip: Math.max(tasks, 1), token };
    const { agentId, userId } = await ensureAgent(admin, ids.roles.agent, spec);
    await client.request("PATCH", `/users/${userId}`, { body: { status: "active", token } });
    await client.request("PATCH", `/items/os_agents/${agentId}`, { body: { status: "active" } });
    racers.push({ name, user: userId, token, session: `${name}-${randomUUID()}` });
  }
  return racers;
}

export async function addTasks(admin: DirectusTarget, count: number, label: string): Promise<readonly string[]> {
  const client = openDirectus(admin);
  const params = { filter: { key: { _eq: PROJECT_KEY } }, limit: 1 };
  const [known] = z.array(idRow).parse(await client.request("GET", "/items/os_projects", { params }));
  const body = { key: PROJECT_KEY, name: "Races", visibility: "private" };
  const project = known ?? idRow.parse(await client.request("POST", "/items/os_projects", { body }));
  const rows = Array.from({ length: count }, (_, at) => ({
    project: project.id,
    title: `${label} ${at + 1}`,
    class: "ops",
    status: "ready",
    acceptance: [{ id: "a1", text: "Exactly one racer wins." }],
  }));
  const ids: string[] = [];
  for (const batch of batches(rows)) {
    const made = await client.request("POST", "/items/os_tasks", { params: { fields: ["id"] }, body: batch });
    ids.push(
      ...z
        .array(idRow)
        .parse(made)
        .map(({ id }) => id),
    );
  }
  return ids;
}

/** Cancels the tasks and suspends the racers: nothing of the race can be claimed afterwards. */
export async function clearField(
  admin: DirectusTarget,
  tasks: readonly string[],
  racers: readonly Racer[],
): Promise<void> {
  const client = openDirectus(admin);
  const data = { status: "cancelled", status_reason: "The race is over." };
  for (const keys of batches(tasks)) await client.request("PATCH", "/items/os_tasks", { body: { keys, data } });
  for (const { name } of racers) await suspendAgent(admin, name);
}

function batches<T>(list: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / BATCH) }, (_, at) => list.slice(at * BATCH, (at + 1) * BATCH));
}
