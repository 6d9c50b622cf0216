import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PATIENCE } from "../../test/patience.ts";
import { makeRagApp, type RagApp } from "../../test/rag-app.ts";
import { GRAPH, loadHnswlib } from "./hnsw-graph.ts";
import { readVectors } from "./kept-vectors.ts";
import { loadStaticEmbedder, SHIPPED_MODEL } from "./static-embedder.ts";
import { Vectors } from "./vectors.ts";

const library = loadHnswlib();
const model = loadStaticEmbedder(SHIPPED_MODEL);
let rag: RagApp;
let folder: string;
let copy: string;

/** Sixty notes with a graph from the twentieth, their vectors written. */
beforeEach(async () => {
  rag = await makeRagApp({ model, kept: true, exactUpTo: 20 });
  for (let n = 0; n < 60; n++)
    await rag.folder.write(`memory/n${n}.md`, `# Note ${n}\n\nThe ${["lorry", "password", "printer"][n % 3]} ${n}.\n`);
  await rag.library.sync();
  await vi.waitFor(() => expect(rag.library.vectors()).toMatchObject({ vectors: 60, pending: 0 }), PATIENCE);
  if (library !== null) await vi.waitFor(() => expect(rag.library.vectors()?.index).toBe("hnsw"), PATIENCE);
  folder = path.join(rag.folder.root, "data", "vectors");
  copy = mkdtempSync(path.join(tmpdir(), "muster-vectors-"));
});

afterEach(async () => {
  await rag.close();
  rmSync(copy, { recursive: true, force: true });
});

const start = (options: object = {}): Vectors => new Vectors({ ...model, folder, exactUpTo: 20, ...options });

test("a second start asks the model for nothing, a renamed note neither, and the graph looks as widely as before", async () => {
  await rag.restart();
  await vi.waitFor(
    () => expect(rag.library.vectors()).toMatchObject({ vectors: 60, pending: 0, embedded: 0 }),
    PATIENCE,
  );
  expect(rag.library.vectors()).toMatchObject({ index: library === null ? "exact" : "hnsw", damage: null });
  await rag.folder.write("memory/moved.md", readFileSync(path.join(rag.folder.root, "memory/n7.md")));
  rmSync(path.join(rag.folder.root, "memory/n7.md"));
  await rag.folder.write("memory/n8.md", "# Note 8\n\nAnother text.\n");
  await rag.library.sync();
  await vi.waitFor(
    () => expect(rag.library.vectors()).toMatchObject({ vectors: 60, pending: 0, embedded: 1 }),
    PATIENCE,
  );
  const { body } = await rag.post("/search", { query: "password 7", mode: "dense", limit: 30 });
  expect(JSON.stringify(body)).toContain("memory/moved.md");
  if (library !== null && model.embedder !== null) {
    await rag.vectors?.close();
    expect(readVectors(folder, model.embedder, library).graph?.ef).toBe(GRAPH.search);
  }
});

test.each(["vectors.bin", "graph.bin"])(
  "a flipped bit and a cut end of %s are left behind by name, and search goes on",
  async (name) => {
    if (library === null && name === "graph.bin") return;
    await rag.vectors?.close();
    const file = path.join(folder, name);
    const bytes = readFileSync(file);
    for (const harm of [
      () => writeFileSync(file, bytes.with(bytes.length - 9, (bytes.at(-9) ?? 0) ^ 1)),
      () => truncateSync(file, bytes.length - 100),
      () => writeFileSync(file, ""),
    ]) {
      writeFileSync(file, bytes);
      expect(start().facts().damage).toBeNull();
      harm();
      expect(start().facts().damage).toContain(name);
    }
    await rag.restart();
    await vi.waitFor(() => expect(rag.library.vectors()).toMatchObject({ vectors: 60, pending: 0 }), PATIENCE);
    expect((await rag.post("/search", { query: "truck", mode: "dense" })).body).toMatchObject({ mode: "dense" });
  },
);

test.skipIf(library === null)(
  "a graph that nobody would follow is not read: a damaged one is no damage (needs hnswlib-node)",
  async () => {
    await rag.vectors?.close();
    writeFileSync(path.join(folder, "graph.bin"), "");
    expect(start().facts().damage).toContain("graph.bin");
    expect(start({ exactUpTo: 60 }).facts()).toMatchObject({ damage: null, index: "exact" });
  },
);

test("vectors of another model, or of the same name with other bytes, are not used", async () => {
  await rag.vectors?.close();
  if (model.embedder === null) throw new Error("The shipped model is missing.");
  for (const other of [{ id: "another" }, { digest: "0".repeat(64) }, { dims: 64 }])
    expect(readVectors(folder, { ...model.embedder, ...other }, library)).toMatchObject({ known: null, graph: null });
});
