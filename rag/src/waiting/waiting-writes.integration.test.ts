/** Writes where the service may read memory and log and not write them: a real mount or mode, no pretence. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { makeRagApp, type RagApp } from "../../test/rag-app.ts";
import { makeReadOnly } from "../../test/read-only-folder.ts";
import { TOOLS } from "../mcp/tools.ts";
import { openWaitingWrites } from "./waiting-writes.ts";

let rag: RagApp;
let ends: (() => void)[] = [];

const at = (name: string): string => path.join(rag.folder.root, name);

afterEach(async () => {
  for (const end of ends) end();
  ends = [];
  await rag?.close();
});

/** The service over folders with one lesson, which it may not write. Null when such folders cannot be made here. */
async function overReadOnly(waiting: string | null): Promise<string | null> {
  rag = await makeRagApp({ waiting: waiting === null ? null : openWaitingWrites(waiting) });
  await rag.folder.write("memory/first.md", "# First\n\nA zebra crosses.\n");
  await rag.library.sync();
  for (const folder of [at("memory"), at("log")]) {
    const made = makeReadOnly(folder);
    if ("why" in made) return made.why;
    ends.push(made.end);
  }
  return null;
}

const lesson = { title: "Ports prove nothing", body: "Ask who answers.", agent: "kiln-1" };
const reasons = async () => ((await rag.get("/health")).body as { reasons: string[] }).reasons;
const tool = (name: string, input: object) =>
  TOOLS.find((one) => one.name === name)?.run(
    {
      library: rag.library,
      memoryDir: at("memory"),
      logDir: at("log"),
      waiting: openWaitingWrites(at("waiting")),
    },
    input,
  );

test("where nothing may wait a write is refused, by its reason, and nothing is left behind", async ({ skip }) => {
  const why = await overReadOnly(null);
  if (why !== null) return skip(`no folder can be made read-only here: ${why}`);
  for (const [url, body] of [
    ["/memory", lesson],
    ["/log", { title: "Seen" }],
  ] as const) {
    expect(await rag.post(url, body)).toMatchObject({ status: 503, body: { error: { code: "MUSTER_RAG_READ_ONLY" } } });
  }
  expect([await readdir(at("memory")), await readdir(at("log"))]).toEqual([["first.md"], []]);
});

test("a memory and an entry are accepted, on the disk before the answer, named as waiting, and kept by a restart", async ({
  skip,
}) => {
  const folder = temporaryFolder();
  const why = await overReadOnly(folder);
  if (why !== null) return skip(`no folder can be made read-only here: ${why}`);
  expect(await reasons()).toEqual([]);
  const accepted = await rag.post("/memory", lesson);
  expect(accepted).toMatchObject({ status: 202, body: { status: "waits", path: "memory/ports-prove-nothing.md" } });
  const { id } = accepted.body as { id: string };
  expect(JSON.parse(await readFile(path.join(folder, `${id}.json`), "utf8"))).toMatchObject({ id, write: lesson });
  expect(await rag.post("/log", { title: "Seen", body: "twice" })).toMatchObject({ status: 202 });
  // What waits is in no file, so no answer may say that it is found.
  expect((await rag.post("/search", { query: "who answers", mode: "lexical" })).body["hits"]).toEqual([]);
  await rag.restart();
  const writes = { waiting: 2, oldest_waiting_ms: expect.any(Number), refused: 0 };
  expect((await rag.get("/health")).body).toMatchObject({ status: "degraded", reasons: ["writes_waiting"], writes });
  expect((await rag.get("/stats")).body).toMatchObject({ writes });
  const list = (await rag.get("/writes")).body as { waiting: { id: string }[] };
  expect(list).toMatchObject({ waiting: [{ id, write: { kind: "memory" } }, { write: { kind: "log" } }], refused: [] });

  const outcomes = [
    { id, outcome: "taken" },
    { id: list.waiting[1]?.id, outcome: "refused", code: "DESTRUCTIVE_REFUSED", message: "It exists." },
  ];
  expect((await rag.post("/writes/outcomes", { outcomes })).body).toMatchObject({ waiting: 0, refused: 1 });
  expect(await reasons()).toEqual(["writes_refused"]);
  expect((await rag.get("/writes")).body).toMatchObject({
    waiting: [],
    refused: [{ write: { title: "Seen", body: "twice" }, refused: { code: "DESTRUCTIVE_REFUSED" } }],
  });
  // The same outcomes again, as after a lost answer, and then the refusal is forgotten.
  await rag.post("/writes/outcomes", { outcomes });
  await rag.post("/writes/outcomes", { outcomes: [{ id: list.waiting[1]?.id, outcome: "forgotten" }] });
  expect(await reasons()).toEqual([]);
});

test("what the service can see speaks against a write at once; the same write waits once, and another of its path is refused", async ({
  skip,
}) => {
  const why = await overReadOnly(temporaryFolder());
  if (why !== null) return skip(`no folder can be made read-only here: ${why}`);
  expect(await rag.post("/memory", { title: "First", body: "Another." })).toMatchObject({
    status: 409,
    body: { error: { code: "MUSTER_RAG_MEMORY_EXISTS", text: expect.stringContaining("zebra") } },
  });
  const { id } = (await rag.post("/memory", lesson)).body;
  expect((await rag.post("/memory", lesson)).body).toMatchObject({ status: "waits", id });
  expect(await rag.post("/memory", { ...lesson, body: "Ask twice." })).toMatchObject({
    status: 409,
    body: { error: { code: "MUSTER_RAG_MEMORY_WAITS", id } },
  });
});

test("the tools say that a write waits and how it is taken in, and the status names it", async ({ skip }) => {
  const why = await overReadOnly(null);
  if (why !== null) return skip(`no folder can be made read-only here: ${why}`);
  const path = "memory/first.md";
  const answers = [
    await tool("memory_write", { title: lesson.title, body: lesson.body }),
    await tool("memory_supersede", { path, title: "No zebra", body: "It was a horse." }),
    await tool("log_append", { title: "Seen" }),
  ];
  for (const answer of answers) expect(answer).toMatch(/^accepted, waits as \d{13}-[0-9a-f]{16}: .*elk-os rag take/);
  const { writes } = JSON.parse((await tool("memory_status", {})) ?? "");
  expect(writes.waiting).toMatchObject([
    { write: { path: "memory/ports-prove-nothing.md" } },
    { write: { path: "memory/no-zebra.md", supersedes: [path] } },
    { write: { kind: "log" } },
  ]);
});

test("writes keep their order, one that is damaged is named, and past the limit nothing more is promised", async () => {
  const folder = temporaryFolder();
  const waiting = openWaitingWrites(folder);
  const put = (title: string) => waiting.put({ kind: "log", title, body: "" });
  const ids = (await Promise.all(["First", "Second", "Third", "Fourth"].map(put))).map(({ id }) => id);
  await writeFile(path.join(folder, `${ids[1]}.json`), "{");
  const { waiting: listed } = await waiting.list();
  expect(listed.map(({ id, write: { title } }) => [id, title])).toEqual([
    [ids[0], "First"],
    [ids[1], ""],
    [ids[2], "Third"],
    [ids[3], "Fourth"],
  ]);
  await waiting.settle([{ id: ids[1] ?? "", outcome: "refused", code: "USAGE_INVALID", message: "It is no write." }]);
  expect(await waiting.counts()).toMatchObject({ waiting: 3, refused: 1 });
  for (let n = 3; n < 200; n++) await writeFile(path.join(folder, `17644434${10_000 + n}-0123456789abcdef.json`), "{}");
  await expect(put("One more")).rejects.toMatchObject({ code: "MUSTER_RAG_WAITING_FULL" });
});
