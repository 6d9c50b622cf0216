import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { PATIENCE } from "../../test/patience.ts";
import { decodeDocument } from "../corpus/read-file.ts";
import { PassageStore } from "../engine/passage-store.ts";
import type { Embedder } from "./embedder.ts";
import { readVectors, writeVectors } from "./kept-vectors.ts";
import { Vectors } from "./vectors.ts";

const DIMS = 4;
const NOTES = 80;
const BATCH = 8;

let folder: string;
let draft: string;
let aside: string;
let store: PassageStore;
/** Texts that the model has been asked for since the test began. */
let asked: number;
/** Called before each batch is embedded, with what was asked for so far. */
let before: (done: number) => Promise<void> | void;

const embedder: Embedder = {
  id: "slow",
  digest: "1".repeat(64),
  dims: DIMS,
  fusion: { sure: 0.3, unsure: 0.6 },
  batch: BATCH,
  embedQuery: async () => Float32Array.of(1, 0, 0, 0),
  embedPassages: async (texts) => {
    await before(asked);
    asked += texts.length;
    return texts.map((text) => Float32Array.of(1, text.length, 0, 0));
  },
  close: async () => undefined,
};

beforeEach(() => {
  folder = path.join(temporaryFolder(), "vectors");
  [draft, aside] = [`${folder}.draft`, `${folder}.old`];
  asked = 0;
  before = () => undefined;
  store = new PassageStore();
  for (let n = 0; n < NOTES; n++) put(`Note ${n}`, "Text.");
});
afterEach(() => vi.restoreAllMocks());

const open = (): Vectors => {
  const vectors = new Vectors({ state: "verified", embedder, folder });
  vectors.reset(store);
  return vectors;
};
const put = (title: string, text: string): void => {
  const note = decodeDocument(
    { collection: "memory", path: `memory/${title}.md` },
    Buffer.from(`# ${title}\n\n${text}\n`),
  );
  if (note.ok) store.put(note.document);
};
const keys = (): number => [...(readVectors(folder, embedder, null).known?.left() ?? [])].length;
const rows = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    key: Buffer.alloc(16, n).toString("base64url"),
    vector: { bytes: Int8Array.of(127, n, 0, 0), scale: 1 },
    label: -1,
  }));

test("a kill late in a long queue costs half a minute of it, and the next start asks for the rest only", async () => {
  const clock = performance.now.bind(performance);
  let aheadMs = 0;
  vi.spyOn(performance, "now").mockImplementation(() => clock() + aheadMs);
  const never = new Promise<void>(() => undefined);
  const { promise: isStuck, resolve: stick } = Promise.withResolvers<void>();
  before = (done) => {
    // Half a minute goes by with each batch; the last one never ends, as when the process is killed.
    aheadMs += 31_000;
    if (done < NOTES - BATCH) return undefined;
    stick();
    return never;
  };
  open();
  await isStuck;
  expect(keys()).toBeGreaterThanOrEqual(NOTES - 2 * BATCH);

  before = () => undefined;
  asked = 0;
  const second = open();
  await vi.waitFor(() => expect(second.facts()).toMatchObject({ vectors: NOTES, pending: 0 }), PATIENCE);
  expect(asked).toBeLessThanOrEqual(2 * BATCH);
  await second.close();
  expect(keys()).toBe(NOTES);
});

test("an end right after a start loses nothing of what was kept and not asked for yet", async () => {
  const first = open();
  await vi.waitFor(() => expect(first.facts().pending).toBe(0), PATIENCE);
  await first.close();
  // What was put last is embedded first; the other new note, put half way, is never finished.
  const known = [...store.all()].map(({ source }) => source);
  store = new PassageStore();
  for (const [n, source] of known.entries()) {
    if (n === NOTES / 2) put("between", "New.");
    store.put(source);
  }
  put("late", "New, too.");
  asked = 0;
  before = (done) => (done === 0 ? undefined : new Promise(() => undefined));
  const second = open();
  await vi.waitFor(() => expect([asked, second.facts().pending < NOTES / 2]).toEqual([1, true]), PATIENCE);
  await second.close();
  expect(keys()).toBe(NOTES + 1);
});

/** What stands on the disk after each thing that a write does, one after the other. */
const CUTS: readonly (readonly [string, () => void])[] = [
  ["while the draft is written", () => mkdirSync(draft)],
  ["once the draft is whole", () => cpSync(folder, draft, { recursive: true })],
  ["once the old ones are aside", () => renameSync(folder, aside)],
  ["once the draft is in place", () => cpSync(folder, aside, { recursive: true })],
];

test.each(CUTS)("a cut %s leaves all vectors, and the next write goes through", async (_, cut) => {
  await writeVectors(folder, embedder, rows(3), null);
  cut();
  expect(keys()).toBe(3);
  await writeVectors(folder, embedder, rows(5), null);
  expect([keys(), existsSync(draft), existsSync(aside)]).toEqual([5, false, false]);
});

test("a write that fails half way leaves what was kept, wherever it stands", async () => {
  await writeVectors(folder, embedder, rows(3), null);
  const broken = { ...rows(1)[0], vector: null } as unknown as ReturnType<typeof rows>[number];
  await expect(writeVectors(folder, embedder, [broken], null)).rejects.toThrow();
  expect(keys()).toBe(3);
  renameSync(folder, aside);
  await expect(writeVectors(folder, embedder, [broken], null)).rejects.toThrow();
  expect(keys()).toBe(3);
});

test("vectors in place that are damaged are named, and those aside are used", async () => {
  await writeVectors(folder, embedder, rows(3), null);
  cpSync(folder, aside, { recursive: true });
  writeFileSync(path.join(folder, "vectors.bin"), "");
  expect(readVectors(folder, embedder, null).damage).toContain("vectors.bin");
  expect(keys()).toBe(3);
  rmSync(aside, { recursive: true });
  expect(keys()).toBe(0);
});
