import { randomBytes, randomUUID } from "node:crypto";
import { IDENTITY_PATH, verifyIdentity } from "@muster/board/identity";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Board, bringUpBoard } from "../../../test/support/board.ts";
import { ensureAgent, ownerOf, suspendAgent } from "./agents.ts";
import { ensureAccess } from "./apply-access.ts";
import { ensureMetadata } from "./apply-metadata.ts";
import { ensurePrompts } from "./apply-prompts.ts";
import { ensureSettings } from "./apply-settings.ts";
import { diffStudio, ensureStudio } from "./apply-studio.ts";
import { type DirectusClient, type DirectusTarget, openDirectus } from "./client.ts";
import { provokeConflict } from "./conflict-probe.ts";
import { diffMetadata } from "./diff-metadata.ts";
import { openMcp } from "./mcp-probe.ts";
import { fetchMetadataState } from "./metadata-state.ts";

const taskRow = z.looseObject({ id: z.string(), number: z.int(), status: z.string(), claim_epoch: z.int() });
type Task = z.infer<typeof taskRow>;

const { signal } = new AbortController();
let board: Board;
let admin: DirectusTarget;
let client: DirectusClient;
let project: string;

beforeAll(async () => {
  board = await bringUpBoard("directus");
  admin = { url: board.directus.url, token: board.directus.adminToken, signal };
  client = openDirectus(admin);
});

afterAll(async () => {
  await board?.stop();
});

async function askIdentity() {
  const nonce = randomBytes(24).toString("base64url");
  const response = await fetch(`${board.directus.url}${IDENTITY_PATH}?nonce=${nonce}`);
  const expected = { nonce, instance: board.instanceId, service: "directus" } as const;
  return verifyIdentity(board.directus.identityKey, await response.json(), expected);
}

async function addReadyTask(title: string, extra: object = {}): Promise<Task> {
  const acceptance = [{ id: "a1", text: "It holds." }];
  const body = { project, title, status: "ready", acceptance, ...extra };
  return taskRow.parse(await client.request("POST", "/items/os_tasks", { body }));
}

async function addAgent(name: string, modelFamily: string): Promise<DirectusTarget> {
  const token = `${name}-${randomUUID()}`;
  await ensureAgent(admin, board.data.ids.roles.agent, { name, modelFamily, maxWip: 50, token });
  return { ...admin, token };
}

const update = (who: DirectusTarget, task: Task, body: object) =>
  openDirectus(who).request("PATCH", `/items/os_tasks/${task.id}`, { body });
const fetchTask = async (task: Task) => taskRow.parse(await client.request("GET", `/items/os_tasks/${task.id}`));

// One board, told as its story: each test builds on the state that the one before left.
describe("Directus before the first migrate", () => {
  it("owns its own tables in public, and nothing else there", async () => {
    expect(await board.tableOwners()).toEqual([{ owner: "muster_directus", prefix: "directus_" }]);
  });

  it("proves its identity without a token and says that the schema is absent", async () => {
    expect(await askIdentity()).toMatchObject({ verdict: "DEGRADED", reasons: ["schema_absent"] });
  });

  it("refuses to describe tables that no migration has made, and names them", async () => {
    await expect(ensureMetadata(client, board.data)).rejects.toMatchObject({
      code: "PHASE_FAILED",
      facts: { missing: expect.arrayContaining(["collection os_agents"]) },
    });
  });
});

describe("Directus after migrate", () => {
  beforeAll(async () => {
    await board.migrate();
  });

  it("adopts every table with its notes, and a second run changes nothing", async () => {
    const first = await ensureMetadata(client, board.data);
    expect(first.changed).toBeGreaterThan(250);
    expect(await ensureMetadata(client, board.data)).toEqual({ changed: 0 });
  });

  it("describes every column of every board table", async () => {
    const state = await fetchMetadataState(client);
    const described = board.data.collections.flatMap((c) => c.fields.map((f) => `${c.collection}.${f.field}`));
    const known = [...state.fields.keys()].filter((name) => name.startsWith("os_"));
    expect(known.toSorted()).toEqual(described.toSorted());
  });

  it("is OK in its identity without a restart", async () => {
    expect(await askIdentity()).toMatchObject({ verdict: "OK" });
  });

  it("gets roles, settings and prompts, and a second run changes nothing", async () => {
    await board.allowStewards(client);
    expect((await ensureAccess(client, board.data)).changed).toBeGreaterThan(50);
    expect(await ensureAccess(client, board.data)).toEqual({ changed: 0 });
    const wanted = { ...board.data.settings.migrate, ...board.data.settings.wire };
    expect((await ensureSettings(client, wanted)).changed).toBeGreaterThan(0);
    expect(await ensureSettings(client, wanted)).toEqual({ changed: 0 });
    expect(await ensurePrompts(client, board.data.prompts)).toEqual({ changed: board.data.prompts.length });
    expect(await ensurePrompts(client, board.data.prompts)).toEqual({ changed: 0 });
  });

  it("gives the Studio its layouts, bookmarks and dashboard once, and leaves a person's own bookmark alone", async () => {
    const { studio } = board.data;
    const records = studio.defaults.length + studio.bookmarks.length + studio.panels.length + 1;
    expect(await ensureStudio(client, studio)).toEqual({ changed: records });
    const { id } = z.looseObject({ id: z.string() }).parse(await client.request("GET", "/users/me"));
    const own = { bookmark: "Board", collection: "os_tasks", layout: "tabular", user: id };
    await client.request("POST", "/presets", { body: own });
    expect(await ensureStudio(client, studio)).toEqual({ changed: 0 });
    const [panel] = studio.panels;
    await client.request("PATCH", `/panels/${panel?.id}`, { body: { width: 3 } });
    expect(await diffStudio(client, studio)).toMatchObject([{ name: `panel ${panel?.name}`, path: "/panels" }]);
    expect(await ensureStudio(client, studio)).toEqual({ changed: 1 });
  });

  it("notices a special that somebody took away, and gives it back", async () => {
    await client.request("PATCH", "/fields/os_tasks/user_updated", { body: { meta: { special: null } } });
    expect(diffMetadata(await fetchMetadataState(client), board.data)).toEqual([
      expect.objectContaining({ collection: "os_tasks", field: "user_updated", keys: ["special"] }),
    ]);
    expect(await ensureMetadata(client, board.data)).toEqual({ changed: 1 });
  });

  it("takes back a right that somebody gave to agents", async () => {
    const policy = board.data.ids.policies.agent;
    const body = { policy, collection: "os_tasks", action: "delete", fields: ["*"] };
    await client.request("POST", "/permissions", { body });
    expect(await ensureAccess(client, board.data)).toEqual({ changed: 1 });
    expect(await ensureAccess(client, board.data)).toEqual({ changed: 0 });
  });
});

describe("agents at work through Directus", () => {
  let agents: readonly DirectusTarget[];

  beforeAll(async () => {
    const body = { key: "demo", name: "Demo" };
    project = taskRow.pick({ id: true }).parse(await client.request("POST", "/items/os_projects", { body })).id;
    agents = await Promise.all(["a01", "a02", "a03", "a04"].map((name, i) => addAgent(name, i % 2 === 0 ? "x" : "y")));
  });

  it("see the seven tools of an agent, the prompts, and no users", async () => {
    const [agent] = agents;
    if (agent === undefined) throw new Error("no agent");
    const mcp = openMcp(agent);
    expect((await mcp.initialize()).serverInfo.name).toBe("directus-mcp");
    expect(await mcp.listTools()).toHaveLength(7);
    expect((await mcp.listPrompts()).toSorted()).toEqual(board.data.prompts.map((prompt) => prompt.name).toSorted());
    await expect(openDirectus(agent).request("GET", "/users")).rejects.toMatchObject({ status: 403 });
    expect(await mcp.items({ action: "create", collection: "os_agents", data: { name: "me" } })).toMatchObject({
      ok: false,
    });
  });

  it("win one task once, whether they race through REST or MCP, and the losers are told what to do", async () => {
    const task = await addReadyTask("Race");
    const claims = await Promise.all(
      agents.map(async (agent, i) => {
        const data = { claim_session: `s${i}` };
        if (i % 2 === 0) {
          const said = await openMcp(agent).items({ action: "update", collection: "os_tasks", keys: [task.id], data });
          return said.ok ? "won" : `${said.code}: ${said.message}`;
        }
        try {
          await update(agent, task, data);
          return "won";
        } catch (error) {
          expect(error).toMatchObject({ status: 409, refusal: "MUSTER_CLAIM_CONFLICT" });
          return `MUSTER_CLAIM_CONFLICT: ${z.object({ said: z.string() }).parse(error).said}`;
        }
      }),
    );
    const lost = claims.filter((claim) => claim !== "won");
    expect(lost).toHaveLength(agents.length - 1);
    for (const said of lost)
      expect(said).toMatch(/^MUSTER_CLAIM_CONFLICT: Task #\d+ is claimed by a0\d .*claim another/);
  });

  it("submit with their fence, may not verify themselves, and somebody else closes the task", async () => {
    const [author, verifier] = agents;
    if (author === undefined || verifier === undefined) throw new Error("no agents");
    const task = await addReadyTask("Whole way");
    await update(author, task, { claim_session: "author" });
    await expect(update(author, task, { title: "x", fence: 99 })).rejects.toMatchObject({
      status: 412,
      refusal: "MUSTER_FENCED",
    });
    await update(author, task, { status: "in_review", fence: 1, submitted_commit: "abc123", closing_note: "Done." });
    await expect(update(author, task, { claim_session: "again" })).rejects.toMatchObject({
      refusal: "MUSTER_SELF_REVIEW",
    });
    await update(verifier, task, { claim_session: "verifier" });
    await update(verifier, task, { status: "done", fence: 2, evidence: "Ran the tests: 12 passed." });
    expect(await fetchTask(task)).toMatchObject({ status: "done", claim_epoch: 2, fence: null, evidence: null });
  });

  it("cannot delete, and neither can the administrator", async () => {
    const task = await addReadyTask("Stays");
    const path = `/items/os_tasks/${task.id}`;
    await expect(client.request("DELETE", path)).rejects.toMatchObject({
      status: 403,
      refusal: "MUSTER_DELETE_FORBIDDEN",
    });
    expect(await fetchTask(task)).toMatchObject({ status: "ready" });
  });

  it("cannot claim the whole board with an update that names no key", async () => {
    const tasks: Task[] = [];
    for (let i = 0; i < 21; i += 1) tasks.push(await addReadyTask(`Many ${i}`));
    const [agent] = agents;
    if (agent === undefined) throw new Error("no agent");
    const args = {
      action: "update",
      collection: "os_tasks",
      data: { claim_session: "all" },
      query: { filter: { status: { _eq: "ready" } } },
    };
    expect(await openMcp(agent).items(args)).toMatchObject({ ok: false });
    for (const task of tasks) expect(await fetchTask(task)).toMatchObject({ status: "ready", claim_epoch: 0 });
  });

  it("prove the extension by a conflict that answers 409 and leaves no trace", async () => {
    const [agent] = agents;
    if (agent === undefined) throw new Error("no agent");
    const before = await board.traceOf("os_tasks");
    expect(await provokeConflict(agent)).toMatchObject({ status: 409, code: "MUSTER_CLAIM_CONFLICT" });
    expect(await board.traceOf("os_tasks")).toEqual(before);
  });

  it("keep their user when added again, and lose everything when suspended", async () => {
    const spec = { name: "a09", modelFamily: "x", token: `a09-${randomUUID()}` };
    const target = { ...admin, token: spec.token };
    const first = await ensureAgent(admin, board.data.ids.roles.agent, spec);
    expect(await ensureAgent(admin, board.data.ids.roles.agent, spec)).toEqual({ ...first, changed: false });
    expect(await ownerOf(target)).toBe(first.userId);
    expect(await suspendAgent(admin, "a09")).toEqual({ changed: true });
    expect(await suspendAgent(admin, "a09")).toEqual({ changed: false });
    expect(await ownerOf(target)).toBeNull();
    expect(await suspendAgent(admin, "nobody")).toBeNull();
  });
});
