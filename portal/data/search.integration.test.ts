/** What the search service finds is shown only while the board would show it: the board is asked again for every answer. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerIdentity, IDENTITY_PATH } from "@muster/board/identity";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { HISTORY } from "../../test/support/portal-history.ts";
import { INSTANCE, type PortalReading, startPortalReading } from "../../test/support/portal-reading.ts";
import type { TestDatabase } from "../../test/support/postgres.ts";
import { searchMemory } from "./search.ts";

/** As the index has them: of an open task, of a private one, and of a file that was tagged with a project that is private now. */
const HITS = [
  ["board/tasks/1", "board", "#1 Proven", ["project:open"]],
  ["board/tasks/4", "board", "#4 Secret", []],
  ["memory/hidden.md", "memory", "A lesson of the hidden", ["project:hidden"]],
].map(([path, collection, title, tags]) => ({
  ...{ path, collection, title, tags, citation: `${path}#L1-L2`, text: `${title}: text`, score: 1 },
  ...{ at: null, superseded_by: null },
}));

const key = randomBytes(32);
let service: Server;
let asked: { readonly authorization: string | undefined; readonly path: string }[] = [];
let folder: string;
let reading: PortalReading;
let database: TestDatabase;

/** The search service as far as the portal speaks with it: it proves who it is, and answers every question alike. */
async function serveHits(): Promise<Server> {
  const facts = { version: "0.0.0", build: "test", arch: process.arch, boot: "", started: new Date().toISOString() };
  const server = createServer(({ url = "", headers }, response) => {
    const { pathname, searchParams } = new URL(url, "http://search.invalid");
    asked.push({ authorization: headers.authorization, path: pathname });
    const config = { key, instance: INSTANCE, service: "rag", ...facts } as const;
    const identity = answerIdentity(config, searchParams.get("nonce"), { state: "OK", reasons: [] });
    const body = pathname === IDENTITY_PATH ? identity.body : { hits: HITS, mode: "lexical", took_ms: 1 };
    response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

beforeAll(async () => {
  reading = await startPortalReading();
  service = await serveHits();
  folder = mkdtempSync(join(tmpdir(), "muster-portal-search-"));
  writeFileSync(join(folder, "rag_key"), "the-key\n");
  writeFileSync(join(folder, "identity.key"), key.toString("hex"));
});
beforeEach(async () => {
  database = await reading.boardWith(HISTORY);
  const address = service.address();
  vi.stubEnv("ELK_OS_RAG_URL", `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
  vi.stubEnv("ELK_OS_RAG_KEY_FILE", join(folder, "rag_key"));
  vi.stubEnv("ELK_OS_RAG_IDENTITY_KEY_FILE", join(folder, "identity.key"));
  asked = [];
});
afterEach(() => reading.forget());
afterAll(async () => {
  service.close();
  service.closeAllConnections();
  await reading.stop();
  rmSync(folder, { recursive: true, force: true });
});

const pathsOf = (answer: Awaited<ReturnType<typeof searchMemory>>) =>
  "hits" in answer ? { paths: answer.hits.map(({ path }) => path), hidden: answer.hidden } : answer;

it("shows the hit of an open task, and counts those of a private task and of a private project", async () => {
  expect(pathsOf(await searchMemory("proven"))).toEqual({ paths: ["board/tasks/1"], hidden: 2 });
  expect(asked).toEqual([
    { path: IDENTITY_PATH, authorization: undefined },
    { path: "/search", authorization: "Bearer the-key" },
  ]);
});

it("hides what it showed before as soon as its project is private", async () => {
  expect(pathsOf(await searchMemory("proven"))).toMatchObject({ paths: ["board/tasks/1"] });
  const owner = await database.connect("postgres");
  await owner.query("update public.os_projects set visibility = 'private' where key = 'open'");
  await owner.end();
  expect(pathsOf(await searchMemory("proven"))).toEqual({ paths: [], hidden: 3 });
});

it("shows strangers no passage of the board at all", async () => {
  vi.stubEnv("ELK_OS_PORTAL_PUBLIC", "true");
  expect(pathsOf(await searchMemory("proven"))).toEqual({ paths: [], hidden: 3 });
});

it("shows nothing when the board cannot be asked, and gives no key to one who cannot prove who it is", async () => {
  const owner = await database.connect("postgres");
  await owner.query("revoke select on muster_read.tasks from muster_portal");
  await owner.end();
  await expect(searchMemory("proven")).rejects.toMatchObject({ code: "42501" });
  asked = [];
  writeFileSync(join(folder, "identity.key"), randomBytes(32).toString("hex"));
  expect(pathsOf(await searchMemory("proven"))).toEqual({ problem: "not_ours" });
  expect(asked.map(({ path }) => path)).toEqual([IDENTITY_PATH]);
});
