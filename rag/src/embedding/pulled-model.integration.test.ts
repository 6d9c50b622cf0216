import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { makeOnnxModel } from "../../scripts/make-onnx-model.ts";
import { testEmbedder } from "../../test/embedder-conformance.ts";
import { dot } from "../../test/likeness.ts";
import { installRuntime } from "../../test/model-runtime.ts";
import { PATIENCE } from "../../test/patience.ts";
import { makeRagApp } from "../../test/rag-app.ts";
import type { Embedder } from "./embedder.ts";
import { loadPulledModel } from "./pulled-model.ts";
import { loadStaticEmbedder, SHIPPED_MODEL } from "./static-embedder.ts";
import { LIBRARIES } from "./worker-protocol.ts";

const NAME = "elk-onnx-test";

/** A folder as `elk-os rag model pull` leaves it. */
async function pullInto(parent: string, options: { readonly beside?: boolean } = {}): Promise<string> {
  const folder = path.join(parent, NAME);
  const { catalogue } = await makeOnnxModel(folder, options);
  const [card] = (JSON.parse(readFileSync(catalogue, "utf8")) as { models: object[] }).models;
  writeFileSync(path.join(folder, "model.json"), JSON.stringify(card));
  return folder;
}

describe.each(LIBRARIES)("%s", (library) => {
  const opened: Embedder[] = [];
  let runtime: string;
  let parent: string;
  let folder: string;

  beforeAll(async () => {
    runtime = await installRuntime(library);
    parent = mkdtempSync(path.join(tmpdir(), "muster-model-"));
    folder = await pullInto(parent);
  }, 300_000);
  afterAll(async () => {
    for (const embedder of opened) await embedder.close();
    rmSync(parent, { recursive: true, force: true });
  });

  const open = async (): Promise<Embedder> => {
    const [before] = opened;
    if (before !== undefined) return before;
    const { embedder, refusal } = await loadPulledModel(folder, { runtime, library });
    if (embedder === null) throw new Error(refusal ?? "refused");
    opened.push(embedder);
    return embedder;
  };
  testEmbedder(library, open);

  test("the vectors are those of the same words run without a library", async () => {
    const { embedder: own } = loadStaticEmbedder(SHIPPED_MODEL);
    for (const text of ["how to roll back a release", "the database lost its connection"]) {
      const [vector = new Float32Array(0)] = await (await open()).embedPassages([text]);
      expect(dot(vector, own?.embed(text) ?? vector)).toBeGreaterThan(0.999);
    }
  });

  test("4-bit weights whose numbers lie beside the graph are run, or refused by the library that cannot", async () => {
    const inTwo = await pullInto(temporaryFolder(), { beside: true });
    const { embedder, refusal } = await loadPulledModel(inTwo, { runtime, library });
    if (library === "@xenova/transformers") {
      expect(embedder).toBeNull();
      expect(refusal).toContain("@xenova/transformers cannot run 4-bit weights");
      return;
    }
    if (embedder === null) throw new Error(refusal ?? "refused");
    opened.push(embedder);
    const { embedder: own } = loadStaticEmbedder(SHIPPED_MODEL);
    const [vector = new Float32Array(0)] = await embedder.embedPassages(["how to roll back a release"]);
    expect(dot(vector, own?.embed("how to roll back a release") ?? vector)).toBeGreaterThan(0.999);
    const numbers = path.join(inTwo, "onnx/model_q4.onnx_data");
    writeFileSync(numbers, readFileSync(numbers).with(300_000, 1));
    expect(await loadPulledModel(inTwo, { runtime, library })).toMatchObject({
      state: "unverified",
      refusal: expect.stringContaining("onnx/model_q4.onnx_data is not what its digest says"),
    });
  });

  test("a model that is closed in the middle of its work is gone at once, and the service stands", async () => {
    const { embedder } = await loadPulledModel(folder, { runtime, library });
    const texts = Array.from({ length: 64 }, (_, n) => `${"word ".repeat(400)}${n}`);
    const answer = embedder?.embedPassages(texts);
    const refused = expect(answer).rejects.toThrow("The model's process ended: SIGKILL");
    await new Promise((resolve) => setImmediate(resolve));
    await embedder?.close();
    await refused;
    await expect(embedder?.embedPassages(texts)).rejects.toThrow("The model was closed.");
  });

  test("a model with a flipped bit, another model's self-test or a file too few is not trusted, and says why", async () => {
    const harmed = path.join(temporaryFolder(), NAME);
    cpSync(folder, harmed, { recursive: true });
    const refusalOf = async () => (await loadPulledModel(harmed, { runtime, library })).refusal;
    const weights = path.join(harmed, "onnx/model.onnx");
    const bytes = readFileSync(weights);
    writeFileSync(weights, bytes.with(300_000, (bytes[300_000] ?? 0) ^ 1));
    expect(await refusalOf()).toContain("onnx/model.onnx is not what its digest says");
    writeFileSync(weights, bytes);
    const card = readFileSync(path.join(harmed, "model.json"), "utf8");
    writeFileSync(path.join(harmed, "model.json"), card.replace("Zebra printer labels", "the weather in spring"));
    expect(await refusalOf()).toContain("self-test");
    rmSync(path.join(harmed, "model.json"));
    expect(await loadPulledModel(harmed, { runtime, library })).toMatchObject({ state: "missing", embedder: null });
  });

  test("chosen while the service runs it takes over, and one that fails its proof leaves the shipped one answering", async () => {
    const rag = await makeRagApp({ model: loadStaticEmbedder(SHIPPED_MODEL), kept: true });
    try {
      const models = path.join(rag.folder.root, "data", "models");
      mkdirSync(models, { recursive: true });
      cpSync(folder, path.join(models, NAME), { recursive: true });
      await rag.folder.write("memory/lorry.md", "# Lorry drivers\n\nThe lorry left the motorway.\n");
      await rag.folder.write("memory/hash.md", "# Passwords\n\nThe hashing cost is a parameter.\n");
      await rag.library.sync();
      writeFileSync(path.join(models, "USE.json"), JSON.stringify({ model: NAME, runtime, library }));
      expect((await rag.post("/model/reload", {})).body).toMatchObject({
        model: NAME,
        state: "verified",
        refusal: null,
      });
      await vi.waitFor(
        () => expect(rag.library.vectors()).toMatchObject({ vectors: 2, pending: 0, model: NAME }),
        PATIENCE,
      );
      const { body } = await rag.post("/search", { query: "truck drivers", explain: true });
      expect(body).toMatchObject({
        mode: "hybrid",
        hits: [{ path: "memory/lorry.md", explain: { dense: { rank: 1 } } }],
      });
      writeFileSync(path.join(models, NAME, "onnx/model.onnx"), "no model");
      expect((await rag.post("/model/reload", {})).body).toMatchObject({
        model: "elk-static-v3",
        state: "unverified",
      });
      expect((await rag.get("/health")).body).toMatchObject({ status: "degraded", reasons: ["model_unverified"] });
      expect((await rag.post("/search", { query: "truck drivers" })).body).toMatchObject({ mode: "hybrid" });
    } finally {
      await rag.close();
    }
  });
});

test("a choice that cannot be read is named, and the shipped model answers", async () => {
  const rag = await makeRagApp({ model: loadStaticEmbedder(SHIPPED_MODEL), kept: true });
  try {
    await rag.folder.write("data/models/USE.json", "{");
    expect(existsSync(path.join(rag.folder.root, "data/models/USE.json"))).toBe(true);
    expect((await rag.post("/model/reload", {})).body).toMatchObject({
      model: "elk-static-v3",
      state: "missing",
      refusal: "USE.json cannot be read",
    });
  } finally {
    await rag.close();
  }
});
