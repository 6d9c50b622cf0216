/** The board's rows as a source: real Postgres, as role muster_rag. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { createItem, patchItems } from "../../../test/support/directus-writes.ts";
import { type LawFixture, makeLawFixture, STEWARD } from "../../../test/support/law-fixture.ts";
import { startPostgres, type TestPostgres } from "../../../test/support/postgres.ts";
import { makeRagApp, type RagApp } from "../../test/rag-app.ts";
import { openLibrary } from "../library.ts";
import { openIndexKeeper } from "../persistence/index-keeper.ts";
import { type BoardReader, openBoardReader } from "./board-reader.ts";
import { type BoardSource, boardSource } from "./board-source.ts";

const QUIET = { info: () => undefined, warn: () => undefined };

let postgres: TestPostgres;
let law: LawFixture;
let rag: RagApp;
let source: BoardSource;
/** Ids of tasks whose rows were read, in order. */
let read: string[];

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

beforeEach(async () => {
  law = await makeLawFixture(postgres);
  await law.admin.query("select muster.ensure_instance(gen_random_uuid())");
  rag = await makeRagApp({ kept: true, sources: [] });
  await rag.folder.write("memory/ports.md", "# Ports\n\nAssert identity, says the zebra.\n");
  await rag.library.sync();
  read = [];
});

afterEach(async () => {
  await source.stop();
  await rag.close();
  await law.database.drop();
});

function reader(): BoardReader {
  const passwordFile = path.join(rag.folder.root, "password");
  writeFileSync(passwordFile, "test\n");
  const { port } = postgres;
  const real = openBoardReader({
    host: "127.0.0.1",
    port,
    database: law.database.name,
    user: "muster_rag",
    passwordFile,
    isPooled: false,
  });
  return {
    ...real,
    tasks(ids) {
      read.push(...ids);
      return real.tasks(ids);
    },
  };
}

/** Follows the board from here on; the app asks this very source. */
function follow(): void {
  source = boardSource(rag.library, reader());
  rag.sources.push(source);
  source.start(QUIET);
}

const citations = async (query: string, extra: object = {}): Promise<unknown[]> => {
  const { body } = await rag.post("/search", { query, ...extra });
  return (body["hits"] as { citation: string }[]).map(({ citation }) => citation);
};
const becomes = (query: string, wanted: readonly string[]): Promise<void> =>
  vi.waitFor(async () => expect(await citations(query)).toEqual(wanted), { timeout: 20_000, interval: 25 });
const wellAgain = (): Promise<void> =>
  vi.waitFor(async () => expect((await rag.get("/health")).body).toMatchObject({ status: "ok" }), {
    timeout: 20_000,
    interval: 50,
  });
const cite = (id: unknown): string => `board:os_tasks/${String(id)}`;
const note = (task: unknown, body: string) => createItem(law.directus, STEWARD, "os_notes", { task, body });

test("a task is one passage with its notes and verdicts, cited by its row, and its text can be had by that citation", async () => {
  const task = await law.addTask({ title: "Teach the okapi", description: "It cannot fence.", labels: ["zoo"] });
  await note(task["id"], "The quokka helped.\n\n## No heading of ours");
  follow();
  await becomes("quokka okapi", [cite(task["id"])]);
  const [hit] = (await rag.post("/search", { query: "in:board okapi" })).body["hits"] as Record<string, unknown>[];
  expect(hit).toMatchObject({
    collection: "board",
    path: `board/tasks/${task["number"]}`,
    title: `#${task["number"]} Teach the okapi`,
    tags: ["project:demo", "zoo"],
    text: expect.stringMatching(/- It is done\.[\s\S]*## Notes[\s\S]*quokka/),
  });
  for (const name of [cite(task["id"]), `board/tasks/${task["number"]}`]) {
    expect((await rag.get(`/doc/${name}`)).body).toMatchObject({ text: hit?.["text"], citation: cite(task["id"]) });
  }
  await law.patch(STEWARD, task["id"], { title: "Teach the giraffe" });
  await becomes("giraffe", [cite(task["id"])]);
  expect(await citations("giraffe", { filters: { collections: ["memory", "log"] } })).toEqual([]);
  expect((await rag.get("/health")).body).toMatchObject({
    documents: { on_disk: 1, indexed: 1 },
    sources: [{ name: "board", reachable: true, documents: 1 }],
  });
  expect((await rag.get("/index/verify")).body).toMatchObject({ ok: true });
});

test("what became private is in no answer from that moment on, then in no index, and is back when it is public again", async () => {
  const task = await law.addTask({ title: "Secret okapi" });
  follow();
  await becomes("okapi", [cite(task["id"])]);
  await patchItems(law.directus, STEWARD, "os_projects", [law.project], { visibility: "private" });
  expect(await citations("okapi zebra")).toEqual(["memory/ports.md#L1-L3"]);
  expect((await rag.get(`/doc/${cite(task["id"])}`)).body).toMatchObject({
    error: { code: "MUSTER_RAG_DOCUMENT_UNKNOWN" },
  });
  const mcp = { jsonrpc: "2.0", id: 1, method: "tools/call" };
  const call = { ...mcp, params: { name: "memory_search", arguments: { query: "okapi" } } };
  const headers = { ...rag.bearer(), accept: "application/json, text/event-stream" };
  const answer = await rag.app.inject({ method: "POST", url: "/mcp", headers, payload: call });
  expect(answer.body).toContain("Nothing found.");
  await vi.waitFor(() => expect(rag.library.countOf("board")).toBe(0), { timeout: 15_000 });
  await patchItems(law.directus, STEWARD, "os_projects", [law.project], { visibility: "public" });
  await becomes("okapi", [cite(task["id"])]);
});

test("a transaction that commits late is not passed over, and while it runs nothing behind it is", async () => {
  const [one, two] = [await law.addTask({ title: "One" }), await law.addTask({ title: "Two" })];
  follow();
  await becomes("in:board one", [cite(one["id"])]);
  await wellAgain();
  const slow = await law.database.connect("muster_directus");
  await slow.query("begin");
  await createItem(slow, STEWARD, "os_notes", { task: one["id"], body: "A late okapi." });
  await note(two["id"], "An early quokka.");
  const lag = () => source.status().cursorLagMs ?? 0;
  await vi.waitFor(() => expect(lag()).toBeGreaterThan(1_200), { timeout: 15_000 });
  expect(await citations('"early quokka"')).toEqual([]);
  await slow.query("commit");
  await becomes('"late okapi"', [cite(one["id"])]);
  await becomes('"early quokka"', [cite(two["id"])]);
  await vi.waitFor(() => expect(lag()).toBeLessThan(1_000), { timeout: 15_000 });
});

test("a board that is away is named, files are still found, its rows are shown to nobody, and are back with it", async () => {
  const task = await law.addTask({ title: "Zebra task" });
  follow();
  await becomes("in:board zebra", [cite(task["id"])]);
  await wellAgain();
  await postgres.kill();
  try {
    expect(await citations("zebra")).toEqual(["memory/ports.md#L1-L3"]);
    await vi.waitFor(
      async () =>
        expect((await rag.get("/health")).body).toMatchObject({ status: "degraded", reasons: ["board_unreachable"] }),
      { timeout: 20_000 },
    );
    expect((await rag.post("/search", { query: "zebra" })).body).toMatchObject({
      hits: [{ path: "memory/ports.md" }],
      not_searched: ["board"],
    });
    expect((await rag.get(`/doc/${cite(task["id"])}`)).body).toMatchObject({
      error: { code: "MUSTER_RAG_SOURCE_AWAY" },
    });
  } finally {
    await postgres.start();
  }
  await wellAgain();
  await becomes("in:board zebra", [cite(task["id"])]);
});

test("after a restart only what changed is read again; another incarnation of the board is read whole", async () => {
  const tasks = [await law.addTask({ title: "One" }), await law.addTask({ title: "Two" })];
  follow();
  await becomes("in:board two", [cite(tasks[1]?.["id"])]);
  await wellAgain();
  await source.stop();
  await note(tasks[0]?.["id"], "While nobody looked.");
  read = [];
  const { keeper, store } = openIndexKeeper(path.join(rag.folder.root, "data"));
  const library = openLibrary(rag.roots, { keeper, store });
  expect(library.countOf("board")).toBe(2);
  source = boardSource(library, reader());
  source.start(QUIET);
  const found = async () =>
    (await library.search({ query: '"while nobody looked"', limit: 3 }))?.hits.map(({ citation }) => citation);
  await vi.waitFor(async () => expect(await found()).toEqual([cite(tasks[0]?.["id"])]), { timeout: 15_000 });
  expect(new Set(read)).toEqual(new Set([tasks[0]?.["id"]]));
  await source.stop();
  read = [];
  await law.admin.query("select muster.new_incarnation('restore')");
  source = boardSource(library, reader());
  source.start(QUIET);
  await vi.waitFor(() => expect(new Set(read)).toEqual(new Set(tasks.map(({ id }) => id))), { timeout: 15_000 });
  keeper.close();
});
