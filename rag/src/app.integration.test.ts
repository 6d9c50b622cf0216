import { randomBytes } from "node:crypto";
import { readFile, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { IDENTITY_PATH, verifyIdentity } from "@muster/board/identity";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeRagApp, type RagApp } from "../test/rag-app.ts";
import type { RagFolder } from "../test/rag-process.ts";
import type { Library } from "./library.ts";
import { detectVectorBackend } from "./vector-backend.ts";

let folder: RagFolder;
let library: Library;
let app: FastifyInstance;

let running: RagApp;

beforeEach(async () => {
  running = await makeRagApp();
  ({ folder, library, app } = running);
  await folder.write("memory/ports.md", "# A port proves nothing\n\nAssert identity, not a 200.\n");
  await folder.write("log/2026-01-01.md", "# Day\n\n## 10:00\n\nThe fence was refused.\n");
});

afterEach(() => running.close());

const bearer = (): { authorization: string } => ({ authorization: `Bearer ${folder.apiKey}` });
const search = (payload: object) => app.inject({ method: "POST", url: "/search", headers: bearer(), payload });
const getJson = async (url: string) => (await app.inject({ method: "GET", url })).json();

test("a hit's citation reproduces the lines of the file", async () => {
  await library.sync();
  const { hits } = (await search({ query: "identity" })).json();
  expect(hits[0]).toMatchObject({ path: "memory/ports.md", citation: "memory/ports.md#L1-L3" });
  const lines = (await readFile(path.join(folder.root, hits[0].path), "utf8")).split("\n");
  expect(hits[0].text).toBe(lines.slice(hits[0].lines.start - 1, hits[0].lines.end).join("\n"));
});

test("a file written after the sync makes health degraded until the next sync finds it", async () => {
  await library.sync();
  expect(await getJson("/health")).toMatchObject({ status: "ok", reasons: [], documents: { on_disk: 2, indexed: 2 } });
  await folder.write("memory/new.md", "# Zeppelin\n\nA new lesson.\n");
  expect(await getJson("/health")).toMatchObject({
    status: "degraded",
    reasons: ["index_stale"],
    documents: { on_disk: 3, indexed: 2 },
  });
  const sync = await app.inject({ method: "POST", url: "/index/sync", headers: bearer() });
  expect(sync.json()).toMatchObject({ changed: true, documents: 3 });
  expect((await search({ query: "zeppelin" })).json().hits).toHaveLength(1);
  expect(await getJson("/health")).toMatchObject({ status: "ok" });
});

test("a second sync changes nothing", async () => {
  await library.sync();
  expect(await library.sync()).toMatchObject({ changed: false, documents: 2 });
});

test("without an index a search is refused and the identity says why", async () => {
  expect((await search({ query: "port" })).statusCode).toBe(503);
  const nonce = randomBytes(16).toString("base64url");
  const answer = await getJson(`${IDENTITY_PATH}?nonce=${nonce}`);
  const finding = verifyIdentity(folder.identityKey, answer, { nonce, instance: folder.instanceId, service: "rag" });
  expect(finding).toMatchObject({ verdict: "DEGRADED", reasons: ["index_missing"] });
});

test("with an index the identity is proven and OK", async () => {
  await library.sync();
  const nonce = randomBytes(32).toString("base64url");
  const answer = await getJson(`${IDENTITY_PATH}?nonce=${nonce}`);
  const expected = { nonce, instance: folder.instanceId, service: "rag" } as const;
  expect(verifyIdentity(folder.identityKey, answer, expected).verdict).toBe("OK");
  expect(verifyIdentity(randomBytes(32), answer, expected).verdict).toBe("IMPOSTOR");
});

test.each(["", "?nonce=short", "?nonce=a&nonce=b"])("a nonce that is none is refused: %j", async (query) => {
  const answer = await app.inject({ method: "GET", url: IDENTITY_PATH + query });
  expect(answer.statusCode).toBe(400);
  expect(answer.json().error.code).toBe("MUSTER_NONCE_INVALID");
});

test("a folder that is gone is named, and the other still answers", async () => {
  await rm(path.join(folder.root, "memory"), { recursive: true });
  await library.sync();
  expect(await getJson("/health")).toMatchObject({ status: "degraded", reasons: ["memory_unreadable"] });
  expect((await search({ query: "fence" })).json().hits).toHaveLength(1);
});

test("files that cannot be cited are skipped, counted and named", async () => {
  await folder.write("memory/binary.md", Buffer.from([0x23, 0x00, 0x0a]));
  await folder.write("memory/crlf.md", "\uFEFF---\r\n[\r\n---\r\n# Windows\r\n\r\nquokka\r\n");
  await folder.write("memory/latin1.md", Buffer.from([0x23, 0x20, 0xe9, 0x0a]));
  await folder.write("memory/.hidden.md", "# secret\n");
  await folder.write("memory/huge.md", "a".repeat(1_000_001));
  await folder.write("outside.md", "# Outside secret\n");
  await symlink(path.join(folder.root, "outside.md"), path.join(folder.root, "memory/link.md"));
  await library.sync();
  const stats = await getJson("/stats");
  expect(stats.skipped).toEqual([
    { path: "memory/binary.md", reason: "binary" },
    { path: "memory/huge.md", reason: "too_large" },
    { path: "memory/latin1.md", reason: "not_utf8" },
    { path: "memory/link.md", reason: "outside_folder" },
  ]);
  expect(stats).toMatchObject({
    skipped_by_reason: { binary: 1, not_utf8: 1, outside_folder: 1, too_large: 1, unreadable: 0 },
    odd_files: { crlf: 1, byte_order_mark: 1, front_matter_invalid: 1 },
  });
  expect((await search({ query: "quokka" })).json().hits).toMatchObject([
    { citation: "memory/crlf.md#L4-L6", text: "# Windows\r\n\r\nquokka\r" },
  ]);
  expect((await search({ query: "secret" })).json().hits).toEqual([]);
});

test("a linked folder is never entered: one that leads out is named once, one that leads back is nothing", async () => {
  await folder.write("elsewhere/secret.md", "# Secret\n\nquokka\n");
  await folder.write("memory/inner/one.md", "# One\n\nwombat\n");
  await symlink(path.join(folder.root, "elsewhere"), path.join(folder.root, "memory/out"));
  await symlink(".", path.join(folder.root, "memory/back"));
  await symlink(path.join(folder.root, "elsewhere"), path.join(folder.root, "memory/node_modules"));
  await library.sync();
  expect((await getJson("/stats")).skipped).toEqual([{ path: "memory/out", reason: "outside_folder" }]);
  expect((await search({ query: "quokka" })).json().hits).toEqual([]);
  expect((await search({ query: "wombat" })).json().hits).toMatchObject([{ path: "memory/inner/one.md" }]);
});

test("stats say that the search is lexical and why", async () => {
  expect(await getJson("/stats")).toMatchObject({
    lexical: { ranking: "BM25F", active: true },
    vector: { index: detectVectorBackend(), active: false },
  });
});

test.each([undefined, "Bearer wrong", "Basic eHg6eHg="])("POST routes refuse the key %j", async (authorization) => {
  await library.sync();
  const headers = authorization === undefined ? {} : { authorization };
  for (const url of ["/search", "/index/sync"]) {
    const answer = await app.inject({ method: "POST", url, headers, payload: { query: "port" } });
    expect(answer.statusCode).toBe(401);
    expect(answer.json().error).toMatchObject({ code: "MUSTER_RAG_UNAUTHORIZED", next: expect.any(String) });
  }
});

test.each([
  [{ query: "port", k: 3 }, '"k" is unknown'],
  [{ query: "port", limit: "3" }, '"limit" must be integer'],
  [{ query: "port", limit: 51 }, '"limit" must be <= 50'],
  [{ query: "   " }, '"query"'],
  [{ query: "x".repeat(2_001) }, '"query"'],
  [{}, "query"],
])("a body that is not exactly right is refused by name, case %#", async (payload, message) => {
  const answer = await search(payload);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().error).toMatchObject({
    code: "MUSTER_RAG_INPUT_INVALID",
    message: expect.stringContaining(message),
  });
});

test("an unknown query parameter is refused, not ignored", async () => {
  for (const url of ["/health?verbose=1", "/stats?x=1", `${IDENTITY_PATH}?x=1`]) {
    expect((await app.inject({ method: "GET", url })).statusCode).toBe(400);
  }
});

test.each([
  ["GET", "/nothing", 404, "MUSTER_RAG_ROUTE_UNKNOWN"],
  ["GET", "/search", 405, "MUSTER_RAG_METHOD_REFUSED"],
  ["DELETE", "/health", 405, "MUSTER_RAG_METHOD_REFUSED"],
] as const)("%s %s answers %i", async (method, url, status, code) => {
  const answer = await app.inject({ method, url });
  expect(answer.statusCode).toBe(status);
  expect(answer.json().error.code).toBe(code);
});

test.each([
  ["text/plain", "hello", 415],
  ["application/json", "{", 400],
  ["application/json", JSON.stringify({ query: "x".repeat(70_000) }), 413],
])("a body that cannot be read (%s) says what to do next, case %#", async (type, payload, status) => {
  const headers = { ...bearer(), "content-type": type };
  const answer = await app.inject({ method: "POST", url: "/search", headers, payload });
  expect(answer.statusCode).toBe(status);
  expect(answer.json().error).toMatchObject({ message: expect.any(String), next: expect.any(String) });
});

test("a file written while a sync is under way is found by the sync that was asked for after it", async () => {
  for (let n = 0; n < 40; n++) await folder.write(`memory/f${n}.md`, `# F${n}\n\ntext\n`);
  const first = library.sync();
  // It has begun to look by then, and has not read all of them.
  await new Promise((resolve) => setImmediate(resolve));
  await folder.write("memory/late.md", "# Zeppelin\n");
  await Promise.all([library.sync(), library.sync(), first]);
  expect((await search({ query: "zeppelin" })).json().hits).toHaveLength(1);
});
