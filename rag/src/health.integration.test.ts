/** Faults that the service itself must see. Each turns exactly its reason on, and its end turns it off: no false green, no false red. */
import { spawnSync } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import { PATIENCE, STARTS } from "../test/patience.ts";
import { makeRagApp, type RagApp } from "../test/rag-app.ts";
import { startRag, takePort } from "../test/rag-process.ts";
import { loadStaticEmbedder, SHIPPED_MODEL } from "./embedding/static-embedder.ts";
import { Vectors } from "./embedding/vectors.ts";
import { PassageStore } from "./engine/passage-store.ts";
import { keepInStep } from "./keep-in-step.ts";
import { openLibrary } from "./library.ts";
import type { OutsideSourceStatus } from "./outside-source.ts";
import { openIndexKeeper } from "./persistence/index-keeper.ts";

/** File names of the shipped model. */
const CARD = path.basename(SHIPPED_MODEL.pathname);
const BYTES = CARD.replace(".json", ".bin");

let rag: RagApp;
let step: { stop(): void } | null = null;

afterEach(async () => {
  vi.restoreAllMocks();
  step?.stop();
  step = null;
  await rag.close();
});

async function open(options: Parameters<typeof makeRagApp>[0] = {}): Promise<void> {
  rag = await makeRagApp(options);
  await rag.folder.write("memory/ports.md", "# Ports\n\nAssert identity.\n");
  await rag.library.sync();
}

const at = (name: string): string => path.join(rag.folder.root, name);

/** What `/health`, `/metrics` and readiness say, which must be the same. */
async function expectReasons(reasons: readonly string[]): Promise<void> {
  await vi.waitFor(async () => expect((await rag.get("/health")).body).toMatchObject({ reasons }), PATIENCE);
  expect((await rag.get("/health")).body).toMatchObject({ status: reasons.length === 0 ? "ok" : "degraded" });
  const { text } = await rag.get("/metrics");
  expect(text).toContain(`muster_rag_healthy ${reasons.length === 0 ? 1 : 0}\n`);
  for (const reason of reasons) expect(text).toContain(`muster_rag_degraded{reason="${reason}"} 1\n`);
}

test("drift: a file that changed behind the index is seen in the very next answer", async () => {
  await open();
  await expectReasons([]);
  const text = await readFile(at("memory/ports.md"), "utf8");
  await rag.folder.write("memory/ports.md", text.replace("Assert", "Ignore"));
  // Same length and same time, as a restore from a backup leaves it, but another file.
  await rename(at("memory/ports.md"), at("memory/kept.tmp"));
  await copyFile(at("memory/kept.tmp"), at("memory/ports.md"));
  await utimes(at("memory/ports.md"), new Date(0), new Date(0));
  await expectReasons(["index_stale"]);
  await rag.library.sync();
  await expectReasons([]);
});

test("watcher killed: a watched folder that was replaced is no longer watched, and that is said at once", async () => {
  await open();
  const folders = [at("memory"), at("log")];
  step = keepInStep(rag.library, folders, rag.app.log);
  await expectReasons([]);
  await rename(at("log"), at("log.away"));
  expect((await rag.get("/health")).body).toMatchObject({
    status: "degraded",
    watcher: "dead",
    reasons: expect.arrayContaining(["watcher_dead", "log_unreadable"]),
  });
  await rename(at("log.away"), at("log"));
  await expectReasons([]);
});

test("vectors deleted: passages without a vector that wait for none are named", async () => {
  rag = await makeRagApp();
  const vectors = new Vectors(loadStaticEmbedder(SHIPPED_MODEL));
  const library = openLibrary({ memory: at("memory"), log: at("log") }, null, vectors);
  await rag.folder.write("memory/ports.md", "# Ports\n\nAssert identity.\n");
  await library.sync();
  const reasons = async () => (await library.state()).reasons;
  await vi.waitFor(async () => expect([await reasons(), vectors.facts().pending]).toEqual([[], 0]), PATIENCE);
  vectors.reset(new PassageStore());
  expect(await reasons()).toEqual(["vectors_missing"]);
  await library.rebuild();
  await vi.waitFor(async () => expect(await reasons()).toEqual([]), PATIENCE);
});

test("vectors deleted: their folder goes while a process serves; nothing is missing while it lives, nor after the next start", async () => {
  rag = await makeRagApp();
  for (const name of ["ports", "doors"]) await rag.folder.write(`memory/${name}.md`, `# ${name}\n\nAssert identity.\n`);
  const kept = at("data/vectors");
  const serve = async () => {
    const { port, close } = await takePort();
    await close();
    const service = startRag({ ...rag.folder.environment(port), ELK_OS_DATA_DIR: at("data") });
    const whole = async (): Promise<void> => {
      const body = await (await fetch(`http://127.0.0.1:${port}/health`)).json();
      const vectors = { held: 2, pending: 0 };
      expect(body, service.output()).toMatchObject({ status: "ok", reasons: [], chunks: 2, vectors });
    };
    return { service, whole };
  };
  const first = await serve();
  try {
    await vi.waitFor(first.whole, STARTS);
    await vi.waitFor(async () => expect(await readdir(kept)).not.toEqual([]), STARTS);
    await rm(kept, { recursive: true });
    // They are held in memory: to call them missing would be false.
    await first.whole();
  } finally {
    first.service.child.kill("SIGKILL");
    await first.service.exited;
  }
  const second = await serve();
  try {
    await vi.waitFor(second.whole, STARTS);
    await vi.waitFor(async () => expect(await readdir(kept)).not.toEqual([]), STARTS);
  } finally {
    second.service.child.kill("SIGKILL");
    await second.service.exited;
  }
});

test("backlog: a passage that has waited a minute for its vector is named", async () => {
  // A clock on which every slice of work is over before it begins, as on a machine that has no time for it.
  let nowMs = performance.now();
  vi.spyOn(performance, "now").mockImplementation(() => {
    nowMs += 10_000;
    return nowMs;
  });
  await open({ model: loadStaticEmbedder(SHIPPED_MODEL) });
  await expectReasons(["embed_backlog"]);
  expect((await rag.get("/health")).body).toMatchObject({ vectors: { held: 0, pending: 1 } });
  vi.restoreAllMocks();
  await expectReasons([]);
});

test.each([
  ["missing", async (folder: string) => rm(path.join(folder, BYTES))],
  ["unverified", (folder: string) => flip(path.join(folder, BYTES))],
  ["unverified", (folder: string) => wrongSelfTest(path.join(folder, CARD))],
])("wrong model: one that is %s is named, and words are still searched", async (state, harm) => {
  const models = path.dirname(new URL(SHIPPED_MODEL).pathname);
  rag = await makeRagApp();
  const folder = at("models");
  await mkdir(folder);
  for (const name of [BYTES, CARD]) await copyFile(path.join(models, name), path.join(folder, name));
  const card = pathToFileURL(path.join(folder, CARD));
  expect(loadStaticEmbedder(card).state).toBe("verified");
  await harm(folder);
  const model = loadStaticEmbedder(card);
  await rag.close();
  await open({ model });
  await expectReasons([`model_${state}`]);
  expect((await rag.post("/search", { query: "identity" })).body).toMatchObject({ mode: "lexical", hits: [{}] });
});

test("board down: a source that cannot be read, or lies a minute behind, is named, also where it was just fine", async () => {
  const board: { -readonly [K in keyof OutsideSourceStatus]: OutsideSourceStatus[K] } = {
    name: "board",
    reachable: true,
    cursorLagMs: 120,
    documents: 0,
  };
  await open({ sources: [{ status: () => board, visible: async () => null }] });
  await expectReasons([]);
  board.cursorLagMs = 61_000;
  await expectReasons(["board_behind"]);
  board.reachable = false;
  await expectReasons(["board_unreachable"]);
  expect((await rag.get("/health")).body).toMatchObject({
    sources: [{ name: "board", reachable: false, cursor_lag_ms: 61_000 }],
  });
  Object.assign(board, { reachable: true, cursorLagMs: null });
  await expectReasons(["board_behind"]);
  board.cursorLagMs = 5;
  await expectReasons([]);
});

test("read-only disk: an index that cannot be kept is named, and is kept when the disk takes it again", async () => {
  await open({ kept: true });
  await expectReasons([]);
  await rename(at("data"), at("data.away"));
  await writeFile(at("data"), "no folder");
  await rag.post("/index/rebuild", {});
  await expectReasons(["index_not_kept"]);
  expect((await rag.post("/search", { query: "identity" })).body["hits"]).toHaveLength(1);
  await rm(at("data"));
  await rename(at("data.away"), at("data"));
  await rag.post("/index/sync", {});
  await rag.post("/index/rebuild", {});
  await expectReasons([]);
});

test("read-only mount: an index that could not be kept is named before anything has to be written", async (context) => {
  rag = await makeRagApp();
  const place = at("data");
  await mkdir(place);
  const run = (program: string, ...words: string[]) => spawnSync(program, words, { encoding: "utf8" });
  const mount = (...words: string[]) => run("mount", ...words);
  const mounted = mount("-t", "tmpfs", "-o", "size=16m", "tmpfs", place);
  if (mounted.status !== 0) return context.skip(`no right to mount here: ${mounted.error?.message ?? mounted.stderr}`);
  const { keeper, store } = openIndexKeeper(place);
  try {
    const library = openLibrary(rag.roots, { keeper, store });
    await library.sync();
    const reasons = async () => (await library.state()).reasons;
    expect(await reasons()).toEqual([]);
    expect(mount("-o", "remount,ro", place).status).toBe(0);
    expect(await reasons()).toEqual(["index_not_kept"]);
    expect(library.kept()?.failure).toContain("EROFS");
    // A look at which nothing has changed writes nothing, and does not end it.
    await library.sync();
    expect(await reasons()).toEqual(["index_not_kept"]);
    expect(mount("-o", "remount,rw", place).status).toBe(0);
    expect(await reasons()).toEqual([]);
  } finally {
    keeper.close();
    run("umount", place);
  }
});

async function flip(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

/** Another model's vectors under this model's name. */
async function wrongSelfTest(card: string): Promise<void> {
  const facts: { selftest: { vector: number[] }[] } = JSON.parse(await readFile(card, "utf8"));
  for (const one of facts.selftest) one.vector.reverse();
  await writeFile(card, JSON.stringify(facts));
}
