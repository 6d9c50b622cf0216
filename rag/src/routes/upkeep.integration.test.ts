import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PATIENCE } from "../../test/patience.ts";
import { makeRagApp, type RagApp } from "../../test/rag-app.ts";
import { loadStaticEmbedder, SHIPPED_MODEL } from "../embedding/static-embedder.ts";

let rag: RagApp;
const data = (name: string): string => path.join(rag.folder.root, "data", name);
const verify = async () => (await rag.get("/index/verify")).body as { ok: boolean; problems: readonly string[] };

beforeEach(async () => {
  rag = await makeRagApp({ kept: true });
  await rag.folder.write("memory/ports.md", "# Ports\n\nAssert identity.\n");
  await rag.folder.write("memory/odd.md", "\uFEFF# Odd\r\n\r\nCRLF and ünïcode.\r\n");
  await rag.library.sync();
});

afterEach(() => rag.close());

test("a sound index is verified against its digests, every document and every citation", async () => {
  expect(await verify()).toMatchObject({
    ok: true,
    documents: { on_disk: 2, indexed: 2 },
    citations: { checked: 2, wrong: 0 },
    kept: { on_disk: true, generation: 1 },
    problems: [],
  });
});

test("every harm to the kept index and every drift is named, and the answer is no", async () => {
  const lexical = await readFile(data("gen-000001/lexical.bin"));
  const flipped = Buffer.from(lexical);
  flipped[9] = (flipped[9] ?? 0) ^ 1;
  await writeFile(data("gen-000001/lexical.bin"), flipped);
  expect(await verify()).toMatchObject({ ok: false, problems: [expect.stringContaining("lexical.bin is not what")] });
  await writeFile(data("gen-000001/lexical.bin"), lexical);
  await appendFile(data("wal-000001.log"), "torn");
  expect((await verify()).problems).toEqual(["the change log of generation 1 is damaged"]);
  await writeFile(data("wal-000001.log"), "");
  await writeFile(data("CURRENT"), "gen-000009\n");
  expect((await verify()).problems).toEqual(["CURRENT does not name generation 1"]);
  await writeFile(data("CURRENT"), "gen-000001\n");
  await rag.folder.write("memory/new.md", "# New\n");
  await rag.folder.write("memory/ports.md", "# Ports\n\nAnother text.\n");
  expect((await verify()).problems).toEqual([
    "memory/new.md is not indexed",
    "memory/ports.md is indexed with other bytes than it has",
    "memory/ports.md#L1-L3 does not reproduce its text",
  ]);
});

test("a rebuild reads everything again, makes a new generation, and mends what verify named", async () => {
  await writeFile(data("gen-000001/documents.jsonl"), "");
  expect((await verify()).ok).toBe(false);
  const { status, body } = await rag.post("/index/rebuild", {});
  expect([status, body]).toMatchObject([200, { documents: 2, generation: 2, failure: null }]);
  expect((await verify()).problems).toEqual([]);
  expect(await readFile(data("CURRENT"), "utf8")).toBe("gen-000002\n");
  expect((await readdir(data(""))).filter((name) => name.endsWith(".draft"))).toEqual([]);
});

test("searches are answered and writes are taken while a rebuild runs", async () => {
  const rebuilt = rag.post("/index/rebuild", {});
  expect((await rag.post("/search", { query: "identity" })).body["hits"]).toHaveLength(1);
  const written = await rag.post("/memory", { title: "Zeppelins fly", body: "They do." });
  expect([(await rebuilt).status, written.status]).toEqual([200, 200]);
  expect((await rag.post("/search", { query: "zeppelins" })).body["hits"]).toHaveLength(1);
  expect((await verify()).problems).toEqual([]);
});

test("after a rebuild every passage has its vector again", async () => {
  const other = await makeRagApp({ kept: true, model: loadStaticEmbedder(SHIPPED_MODEL) });
  await other.folder.write("memory/ports.md", "# Ports\n\nAssert identity.\n");
  await other.post("/index/rebuild", {});
  await expect
    .poll(async () => (await other.get("/health")).body, PATIENCE)
    .toMatchObject({ status: "ok", chunks: 1, vectors: { held: 1, pending: 0 }, model: { state: "verified" } });
  await other.close();
});

test("both routes ask for the key", async () => {
  expect((await rag.get("/index/verify", {})).status).toBe(401);
  expect((await rag.app.inject({ method: "POST", url: "/index/rebuild" })).statusCode).toBe(401);
});
