/** Documentation and the constitution as sources, beside memory and log. */
import { rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PATIENCE } from "../../test/patience.ts";
import { makeRagApp, type RagApp } from "../../test/rag-app.ts";
import { keepInStep } from "../keep-in-step.ts";

let rag: RagApp;
const at = (name: string): string => path.join(rag.folder.root, name);

beforeEach(async () => {
  rag = await makeRagApp({ more: { docs: "docs", constitution: "CLAUDE.md" } });
  await rag.folder.write("memory/a.md", "# A lesson\n\nThe zebra remembers.\n");
  await rag.folder.write("docs/adr/0001-zebra.md", "# Decision\n\nThe zebra decides.\n");
  await rag.folder.write("docs/shot.png", Buffer.from([0]));
  await rag.folder.write("CLAUDE.md", "---\nconstitution: 1.0.0\n---\n\n# Rules\n\n## §1 Zebra\n\nThe zebra rules.\n");
  await rag.folder.write("README.md", "# Not a source\n\nThe zebra is not read here.\n");
  await rag.library.sync();
});
afterEach(() => rag.close());

const citations = async (query: string): Promise<unknown[]> =>
  ((await rag.post("/search", { query })).body["hits"] as { citation: string }[]).map(({ citation }) => citation);
const health = async () => (await rag.get("/health")).body as { reasons: string[] };

test("docs and the constitution are searched, told apart by in:, and cited by their own names", async () => {
  expect((await citations("zebra")).sort()).toEqual([
    "CLAUDE.md#L5-L9",
    "docs/adr/0001-zebra.md#L1-L3",
    "memory/a.md#L1-L3",
  ]);
  expect(await citations("zebra in:docs")).toEqual(["docs/adr/0001-zebra.md#L1-L3"]);
  expect(await citations("zebra in:constitution")).toEqual(["CLAUDE.md#L5-L9"]);
  expect((await rag.get("/doc/CLAUDE.md?from=9")).body).toMatchObject({ text: "The zebra rules." });
  expect((await rag.get("/stats")).body).toMatchObject({
    collections: { memory: 1, log: 0, docs: 1, constitution: 1, board: 0 },
  });
  expect((await rag.get("/index/verify")).body).toMatchObject({ ok: true, citations: { checked: 3, wrong: 0 } });
});

test("a constitution that is replaced as a whole is found anew, one that is gone is named and still found, a link out is not read", async () => {
  const step = keepInStep(rag.library, Object.values(rag.roots), rag.app.log);
  try {
    await step.firstLook;
    await writeFile(at("CLAUDE.new"), "# Rules\n\nThe okapi rules.\n");
    await rename(at("CLAUDE.new"), at("CLAUDE.md"));
    await vi.waitFor(async () => expect(await citations("okapi")).toEqual(["CLAUDE.md#L1-L3"]), PATIENCE);
    await vi.waitFor(async () => expect(await health()).toMatchObject({ reasons: [], watcher: "alive" }), PATIENCE);
  } finally {
    step.stop();
  }
  rag.library.setWatcher(() => true);
  await rm(at("CLAUDE.md"));
  await rag.library.sync();
  expect((await health()).reasons).toEqual(["constitution_unreadable"]);
  expect(await citations("okapi")).toEqual(["CLAUDE.md#L1-L3"]);
  await symlink("/etc/hostname", at("CLAUDE.md"));
  await rag.library.sync();
  expect((await health()).reasons).toEqual(["files_skipped"]);
  expect(await citations("okapi")).toEqual([]);
});
