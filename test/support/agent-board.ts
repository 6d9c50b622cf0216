/** A board with Directus's metadata, roles and a few agents on it: what tests of the verbs stand on. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { ensureAgent } from "../../cli/src/directus/agents.ts";
import { ensureAccess } from "../../cli/src/directus/apply-access.ts";
import { ensureMetadata } from "../../cli/src/directus/apply-metadata.ts";
import { ensurePrompts } from "../../cli/src/directus/apply-prompts.ts";
import { ensureSettings } from "../../cli/src/directus/apply-settings.ts";
import { type DirectusClient, type DirectusTarget, openDirectus } from "../../cli/src/directus/client.ts";
import { type Board, bringUpBoard } from "./board.ts";

const taskRow = z.looseObject({
  id: z.string(),
  number: z.int(),
  status: z.string(),
  claim_epoch: z.int(),
  version: z.int(),
});
export type TaskRow = z.infer<typeof taskRow>;

export interface AgentBoard {
  readonly board: Board;
  readonly url: string;
  readonly admin: DirectusClient;
  readonly adminToken: string;
  /** Key of the project that tasks are added to. */
  readonly project: string;
  /** Registers an agent and answers its token. */
  addAgent(name: string, modelFamily: string, extra?: { readonly maxWip?: number }): Promise<string>;
  addReadyTask(title: string, extra?: object): Promise<TaskRow>;
  fetchTask(id: string): Promise<TaskRow>;
  stop(): Promise<void>;
}

/** Takes about 40 s. @param settings of Postgres, as for startPostgres */
export async function bringUpAgentBoard(name: string, settings: readonly string[] = []): Promise<AgentBoard> {
  const board = await bringUpBoard(name, settings);
  try {
    return await furnish(board);
  } catch (error) {
    await board.stop();
    throw error;
  }
}

async function furnish(board: Board): Promise<AgentBoard> {
  const { signal } = new AbortController();
  const target: DirectusTarget = { url: board.directus.url, token: board.directus.adminToken, signal };
  const admin = openDirectus(target);
  await board.migrate();
  await ensureMetadata(admin, board.data);
  await board.allowStewards(admin);
  await ensureAccess(admin, board.data);
  await ensureSettings(admin, { ...board.data.settings.migrate, ...board.data.settings.wire });
  await ensurePrompts(admin, board.data.prompts);
  const made = await admin.request("POST", "/items/os_projects", { body: { key: "demo", name: "Demo" } });
  const project = z.looseObject({ id: z.string() }).parse(made).id;
  return {
    board,
    url: target.url,
    admin,
    adminToken: target.token,
    project: "demo",
    async addAgent(agent, modelFamily, { maxWip = 50 } = {}) {
      const token = `${agent}-${randomUUID()}`;
      await ensureAgent(target, board.data.ids.roles.agent, { name: agent, modelFamily, maxWip, token });
      return token;
    },
    async addReadyTask(title, extra = {}) {
      const body = { project, title, status: "ready", acceptance: [{ id: "a1", text: "It holds." }], ...extra };
      return taskRow.parse(await admin.request("POST", "/items/os_tasks", { body }));
    },
    async fetchTask(id) {
      return taskRow.parse(await admin.request("GET", `/items/os_tasks/${id}`));
    },
    stop: () => board.stop(),
  };
}
