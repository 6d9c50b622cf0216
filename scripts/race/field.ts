/** Racers and tasks of a race on a running stack: a private project, so that nothing of it shows on the portal. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Queryable } from "@muster/board/queryable";
import { z } from "zod";
import { ensureAgent, suspendAgent } from "../../cli/src/directus/agents.ts";
import { type DirectusTarget, openDirectus } from "../../cli/src/directus/client.ts";
import type { DirectusData } from "../../cli/src/directus/data-schema.ts";
import { PROJECT_KEY, type Racer } from "./doors.ts";

/** What os_agents.max_wip takes at most. */
const MOST_HELD = 100;
/** What muster.add_tasks takes at most; cancelled so many at a time, too: a statement has its limit of time. */
const BATCH = 100;

const sql = (name: string) => readFileSync(join(import.meta.dirname, `${name}.sql`), "utf8");
const idRow = z.looseObject({ id: z.string() });
const madeRow = z.object({ answer: z.object({ tasks: z.array(idRow) }) });

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
    const spec = {
      name,
      modelFamily: "race",
      title: "Races through every door",
      maxWip: Math.min(tasks, MOST_HELD),
      token,
    };
    const { agentId, userId } = await ensureAgent(admin, ids.roles.agent, spec);
    await client.request("PATCH", `/users/${userId}`, { body: { status: "active", token } });
    await client.request("PATCH", `/items/os_agents/${agentId}`, { body: { status: "active" } });
    racers.push({ name, user: userId, token, session: `${name}-${randomUUID()}` });
  }
  return racers;
}

/** Suspends the racers: nothing can be claimed with their tokens afterwards. */
export async function dismissRacers(admin: DirectusTarget, racers: readonly Racer[]): Promise<void> {
  for (const { name } of racers) await suspendAgent(admin, name);
}

/** Makes the private project, if it is not there. */
export async function ensureProject(admin: DirectusTarget): Promise<string> {
  const client = openDirectus(admin);
  const params = { filter: { key: { _eq: PROJECT_KEY } }, limit: 1 };
  const [known] = z.array(idRow).parse(await client.request("GET", "/items/os_projects", { params }));
  const body = { key: PROJECT_KEY, name: "Races", visibility: "private" };
  if (known === undefined) await client.request("POST", "/items/os_projects", { body });
  return PROJECT_KEY;
}

/** A user who may add ready tasks. */
export async function findSteward(board: Queryable): Promise<string> {
  const { rows } = await board.query(sql("find-steward"));
  return z.tuple([idRow]).parse(rows)[0].id;
}

/** @returns ids of so many new tasks that are ready. */
export async function addTasks(
  db: Queryable,
  steward: string,
  project: string,
  count: number,
  label: string,
): Promise<readonly string[]> {
  const tasks = Array.from({ length: count }, (_, at) => ({
    project,
    title: `${label} ${at + 1}`,
    class: "ops",
    status: "ready",
    acceptance: [{ id: "a1", text: "Exactly one racer wins." }],
  }));
  const ids: string[] = [];
  for (let from = 0; from < tasks.length; from += BATCH) {
    const { rows } = await db.query(sql("add-tasks"), [steward, JSON.stringify(tasks.slice(from, from + BATCH))]);
    ids.push(
      ...z
        .tuple([madeRow])
        .parse(rows)[0]
        .answer.tasks.map(({ id }) => id),
    );
  }
  return ids;
}

/** Cancels the tasks: nothing of the race can be claimed afterwards. */
export async function clearField(db: Queryable, steward: string, tasks: readonly string[]): Promise<void> {
  for (let from = 0; from < tasks.length; from += BATCH)
    await db.query(sql("cancel-tasks"), [steward, tasks.slice(from, from + BATCH)]);
}
