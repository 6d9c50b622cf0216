import { afterEach, expect, test, vi } from "vitest";
import { PATIENCE } from "../../test/patience.ts";
import { makeRagApp, type RagApp } from "../../test/rag-app.ts";
import { loadStaticEmbedder, SHIPPED_MODEL } from "./static-embedder.ts";

let rag: RagApp;
afterEach(() => rag.close());

test("a passage without a word of the question is found by meaning, and the answer says how it was made", async () => {
  rag = await makeRagApp({ model: loadStaticEmbedder(SHIPPED_MODEL) });
  await rag.folder.write("memory/lorry.md", "# Lorry drivers\n\nThe lorry left the motorway.\n");
  await rag.folder.write("memory/hash.md", "# Passwords\n\nThe hashing cost is a parameter.\n");
  await rag.library.sync();
  await vi.waitFor(() => expect(rag.library.vectors()).toMatchObject({ vectors: 2, pending: 0 }), PATIENCE);
  const { body } = await rag.post("/search", { query: "truck on a highway", explain: true });
  expect(body).toMatchObject({
    mode: "hybrid",
    hits: [{ path: "memory/lorry.md", explain: { dense: { rank: 1 } } }],
  });
  expect((await rag.post("/search", { query: "truck on a highway", mode: "lexical" })).body).toMatchObject({
    mode: "lexical",
    hits: [],
  });
  await rag.folder.write("memory/lorry.md", "# Nothing\n\nBirds.\n");
  await rag.library.sync();
  await vi.waitFor(() => expect(rag.library.vectors()).toMatchObject({ vectors: 2, pending: 0 }), PATIENCE);
  expect((await rag.get("/stats")).body).toMatchObject({
    vector: { index: "exact", active: true, model: "elk-static-v3" },
  });
});

test("a lesson that is written while many passages wait is found by words at once, and is the next to get its vector, whatever bulk comes behind it", async () => {
  const shipped = loadStaticEmbedder(SHIPPED_MODEL);
  const { embedder } = shipped;
  if (embedder === null) throw new Error("The shipped model is not there.");
  // The model is held after its first text, and gives one vector for each time it is let go.
  const asked: string[] = [];
  const holds: (() => void)[] = [];
  const slow: typeof embedder = {
    ...embedder,
    batch: 1,
    embedQuery: (text) => embedder.embedQuery(text),
    close: () => embedder.close(),
    embedPassages: async (texts) => {
      asked.push(...texts);
      await new Promise<void>((resolve) => holds.push(resolve));
      return embedder.embedPassages(texts);
    },
  };
  rag = await makeRagApp({ model: { ...shipped, embedder: slow } });
  const bulk = async (from: number, to: number): Promise<void> => {
    for (let n = from; n < to; n++)
      await rag.folder.write(`memory/bulk-${n}.md`, `# Bulk ${n}\n\nThe printer again.\n`);
    await rag.library.sync();
  };
  await bulk(0, 50);
  await vi.waitFor(() => expect(asked).toHaveLength(1), PATIENCE);
  expect(await rag.post("/memory", { title: "Quokkas bite", body: "Wear gloves." })).toMatchObject({ status: 200 });
  // One of them is in the model's hands.
  expect(rag.library.vectors()).toMatchObject({ vectors: 0, pending: 51 });
  const { body } = await rag.post("/search", { query: "quokkas gloves" });
  expect(body).toMatchObject({ mode: "lexical", hits: [{ path: "memory/quokkas-bite.md" }] });
  await bulk(50, 90);
  // Every slot becomes another, and what is in the model's hands is thrown away.
  await rag.library.rebuild();
  holds.shift()?.();
  await vi.waitFor(() => expect(asked).toHaveLength(2), PATIENCE);
  expect(asked[1]).toContain("Wear gloves.");
  const letGo = async () => {
    holds.shift()?.();
    expect(rag.library.vectors()).toMatchObject({ vectors: 91, pending: 0 });
  };
  await vi.waitFor(letGo, { ...PATIENCE, interval: 1 });
});

test("a passage in the model's hands waits for its vector still: health misses none", async () => {
  const shipped = loadStaticEmbedder(SHIPPED_MODEL);
  const { embedder } = shipped;
  if (embedder === null) throw new Error("The shipped model is not there.");
  const hold = Promise.withResolvers<void>();
  let asked = 0;
  const slow: typeof embedder = {
    ...embedder,
    embedQuery: (text) => embedder.embedQuery(text),
    close: () => embedder.close(),
    embedPassages: async (texts) => {
      asked += texts.length;
      await hold.promise;
      return embedder.embedPassages(texts);
    },
  };
  rag = await makeRagApp({ model: { ...shipped, embedder: slow } });
  await rag.folder.write("memory/lorry.md", "# Lorry drivers\n\nThe lorry left the motorway.\n");
  await rag.library.sync();
  await vi.waitFor(() => expect(asked).toBe(1), PATIENCE);
  const health = async () => (await rag.get("/health")).body;
  expect(await health()).toMatchObject({ status: "ok", reasons: [], vectors: { held: 0, pending: 1 } });
  hold.resolve();
  await vi.waitFor(async () => expect(await health()).toMatchObject({ vectors: { held: 1, pending: 0 } }), PATIENCE);
});

test("without hnswlib-node every vector is compared at any size, and health and stats say so", async () => {
  rag = await makeRagApp({ model: loadStaticEmbedder(SHIPPED_MODEL), library: null, exactUpTo: 2 });
  const words = ["lorry", "password", "printer", "canteen"];
  for (const word of words) await rag.folder.write(`memory/${word}.md`, `# ${word}\n\nThe ${word} again.\n`);
  await rag.library.sync();
  await vi.waitFor(() => expect(rag.library.vectors()).toMatchObject({ vectors: words.length, pending: 0 }), PATIENCE);
  const said = "exact search (hnswlib-node absent)";
  expect((await rag.get("/health")).body).toMatchObject({ status: "ok", vectors: { held: words.length, index: said } });
  expect((await rag.get("/stats")).body).toMatchObject({ vector: { index: "exact", hnswlib: said, active: true } });
  const { body } = await rag.post("/search", { query: "truck", mode: "dense", limit: 1 });
  expect(body).toMatchObject({ mode: "dense", hits: [{ path: "memory/lorry.md" }] });
});

test.each(["missing", "unverified"] as const)(
  "with a model that is %s the search goes on by words and health says so",
  async (state) => {
    rag = await makeRagApp({ model: { state, embedder: null } });
    await rag.folder.write("memory/lorry.md", "# Lorry\n\nThe lorry left.\n");
    await rag.library.sync();
    expect((await rag.get("/health")).body).toMatchObject({ status: "degraded", reasons: [`model_${state}`] });
    expect((await rag.post("/search", { query: "lorry" })).body).toMatchObject({ mode: "lexical", hits: [{}] });
  },
);
