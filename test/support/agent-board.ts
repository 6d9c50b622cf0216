/** A board with Directus's metadata, roles and a few agents on it: what tests of the verbs stand on. */
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { loadMigrations } from "@muster/board/sql-files";
import { z } from "zod";
import { ensureAgent } from "../../cli/src/directus/agents.ts";
import { ensureAccess } from "../../cli/src/directus/apply-access.ts";
import { ensureMetadata } from "../../cli/src/directus/apply-metadata.ts";
import { ensurePrompts } from "../../cli/src/directus/apply-prompts.ts";
import { ensureSettings } from "../../cli/src/directus/apply-settings.ts";
import { type DirectusClient, type DirectusTarget, openDirectus } from "../../cli/src/directus/client.ts";
import type { CacheEntry } from "../../cli/src/drivers/embedded/staging/cache-entry.ts";
import { digestOf, hashTree } from "../../cli/src/drivers/embedded/staging/tree-hash.ts";
import { type Board, bringUpBoard, bringUpKeptBoard } from "./board.ts";
import { directusEntries } from "./directus.ts";
import { ensureKept, templateKey } from "./postgres-template.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..");
/** What a furnished board is made by, beside Directus, the extension and the migrated cluster. */
const MAKERS = [
  "board/src",
  "cli/src/config/schema.ts",
  "cli/src/directus",
  "cli/src/services/directus.ts",
  "directus",
  "test/support/agent-board.ts",
  "test/support/board.ts",
  "test/support/directus.ts",
];
const PROJECT = "demo";

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

/**
 * Takes about 3 s, and 20 s more when no furnished board is in the cache: Directus makes its tables once for all that begin with the same ones.
 * @param settings of Postgres, as for startPostgres
 */
export async function bringUpAgentBoard(name: string, settings: readonly string[] = []): Promise<AgentBoard> {
  const board = await bringUpKeptBoard(name, settings, await ensureKept(furnishedBoard()));
  try {
    return await openAgentBoard(board);
  } catch (error) {
    await board.stop();
    throw error;
  }
}

function furnishedBoard(): CacheEntry {
  const entries = Object.values(directusEntries()).map(({ key }) => key);
  return {
    name: "test-board",
    key: digestOf([...entries, templateKey(loadMigrations()), hashTree(CHECKOUT, MAKERS)]),
    proof: ["data/PG_VERSION", "data/global/pg_control", "secrets/directus_admin_token"],
    async build(folder) {
      const board = await bringUpBoard("furnished");
      try {
        await furnish(board);
        await board.keepIn(folder);
      } finally {
        await board.stop();
      }
    },
  };
}

function adminOf(board: Board): { readonly target: DirectusTarget; readonly admin: DirectusClient } {
  const { signal } = new AbortController();
  const target = { url: board.directus.url, token: board.directus.adminToken, signal };
  return { target, admin: openDirectus(target) };
}

async function furnish(board: Board): Promise<void> {
  const { admin } = adminOf(board);
  await board.migrate();
  await ensureMetadata(admin, board.data);
  await board.allowStewards(admin);
  await ensureAccess(admin, board.data);
  await ensureSettings(admin, { ...board.data.settings.migrate, ...board.data.settings.wire });
  await ensurePrompts(admin, board.data.prompts);
  await admin.request("POST", "/items/os_projects", { body: { key: PROJECT, name: "Demo" } });
}

async function openAgentBoard(board: Board): Promise<AgentBoard> {
  const { target, admin } = adminOf(board);
  const found = await admin.request("GET", `/items/os_projects?filter[key][_eq]=${PROJECT}`);
  const [project] = z.tuple([z.looseObject({ id: z.string() })]).parse(found);
  return {
    board,
    url: target.url,
    admin,
    adminToken: target.token,
    project: PROJECT,
    async addAgent(agent, modelFamily, { maxWip = 50 } = {}) {
      const token = `${agent}-${randomUUID()}`;
      await ensureAgent(target, board.data.ids.roles.agent, { name: agent, modelFamily, maxWip, token });
      return token;
    },
    async addReadyTask(title, extra = {}) {
      const acceptance = [{ id: "a1", text: "It holds." }];
      const body = { project: project.id, title, status: "ready", acceptance, ...extra };
      return taskRow.parse(await admin.request("POST", "/items/os_tasks", { body }));
    },
    async fetchTask(id) {
      return taskRow.parse(await admin.request("GET", `/items/os_tasks/${id}`));
    },
    stop: () => board.stop(),
  };
}
