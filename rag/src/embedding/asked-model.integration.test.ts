import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { makeFragileModel } from "../../test/fragile-model.ts";
import { makeRagApp, type RagApp } from "../../test/rag-app.ts";
import { openLibrary } from "../library.ts";
import { Vectors } from "./vectors.ts";

/** The model is asked again every five seconds, and a process takes a moment to start. */
const HEALS = { timeout: 20_000, interval: 100 } as const;

let rag: RagApp;
let model: ReturnType<typeof makeFragileModel>;

beforeEach(async () => {
  model = makeFragileModel(temporaryFolder());
  rag = await makeRagApp({ model: { state: "verified", embedder: model.embedder }, kept: true });
  await rag.folder.write("memory/zebra.md", "# Stripes\n\nThe zebra has many.\n");
  await rag.folder.write("memory/lorry.md", "# Lorry\n\nIt left the road.\n");
  await rag.library.sync();
  await vi.waitFor(() => expect(rag.library.vectors()).toMatchObject({ vectors: 2, pending: 0 }), HEALS);
});
afterEach(() => rag.close());

const reasons = async () => ((await rag.get("/health")).body as { reasons: string[] }).reasons;
const modeOf = async (mode: string) => (await rag.post("/search", { query: "zebra", mode })).body["mode"];

test("a model whose process died five times is named, and every answer says that it was made by words", async () => {
  expect([await modeOf("auto"), await modeOf("dense"), await reasons()]).toEqual(["hybrid", "dense", []]);
  model.poison();
  for (let death = 0; death < 5; death++) {
    expect([death, await modeOf(death % 2 === 0 ? "auto" : "dense")]).toEqual([death, "lexical"]);
    expect(await reasons()).toEqual(["model_failing"]);
  }
  model.cure();
  expect(await modeOf("auto")).toBe("lexical");
  expect((await rag.get("/health")).body).toMatchObject({ status: "degraded", reasons: ["model_failing"] });
  expect((await rag.get("/stats")).body).toMatchObject({
    vector: { trouble: expect.stringContaining("died 5 times") },
  });
}, 60_000);

test("a model that answers again is asked without a search, and is named no more", async () => {
  model.poison();
  expect(await modeOf("auto")).toBe("lexical");
  expect(await reasons()).toEqual(["model_failing"]);
  model.cure();
  await vi.waitFor(async () => expect(await reasons()).toEqual([]), HEALS);
  expect(await modeOf("auto")).toBe("hybrid");
}, 60_000);

test("passages that a dead model leaves waiting get their vectors when it answers again", async () => {
  model.poison();
  await rag.folder.write("memory/late.md", "# Late\n\nA late zebra.\n");
  await rag.library.sync();
  await vi.waitFor(async () => expect(await reasons()).toEqual(["model_failing"]), HEALS);
  model.cure();
  await vi.waitFor(async () => expect(await reasons()).toEqual([]), HEALS);
  await vi.waitFor(() => expect(rag.library.vectors()).toMatchObject({ vectors: 3, pending: 0 }), HEALS);
}, 60_000);

test("vectors that cannot be written are named, and written when the disk takes them again", async () => {
  const place = path.join(rag.folder.root, "elsewhere");
  await writeFile(place, "no folder");
  const vectors = new Vectors({ state: "verified", embedder: model.embedder, folder: path.join(place, "vectors") });
  const library = openLibrary(rag.roots, null, vectors);
  await library.sync();
  await vi.waitFor(async () => expect((await library.state()).reasons).toEqual(["vectors_not_kept"]), HEALS);
  await rm(place);
  await mkdir(place);
  await vi.waitFor(async () => expect((await library.state()).reasons).toEqual([]), HEALS);
  expect(existsSync(path.join(place, "vectors", "MANIFEST.json"))).toBe(true);
  await vectors.close();
}, 60_000);
