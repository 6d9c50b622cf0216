import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { STARTS } from "../../test/patience.ts";
import { makeRagFolder, type RagFolder, type RagProcess, startRag, takePort } from "../../test/rag-process.ts";
import { decodeDocument } from "../corpus/read-file.ts";
import { citationOf, textOf } from "../engine/passage.ts";
import type { PassageStore } from "../engine/passage-store.ts";
import { search } from "../engine/search.ts";
import { generationName, walPath, writeGeneration } from "./generation.ts";
import { openIndexKeeper } from "./index-keeper.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "muster-index-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function source(name: string, text: string) {
  const result = decodeDocument({ collection: "memory", path: `memory/${name}.md` }, Buffer.from(text));
  if (!result.ok) throw new Error(result.reason);
  return result.document;
}

/** Ten documents in a generation, two more changes in the log. */
function fillIndex(): PassageStore {
  const { keeper, store } = openIndexKeeper(folder);
  const first = Array.from({ length: 10 }, (_, n) => source(`n${n}`, `# Number ${n}\n\nZebra number${n} — ünïcode.\n`));
  for (const one of first) store.put(one);
  keeper.keep(
    first.map((one) => ({ op: "put", source: one })),
    store,
  );
  const late = source("late", "# Late\n\nA zebra came late.\n");
  store.put(late);
  store.remove("memory/n3.md");
  keeper.keep(
    [
      { op: "put", source: late },
      { op: "remove", path: "memory/n3.md" },
    ],
    store,
  );
  keeper.close();
  return store;
}

const paths = (store: PassageStore): string[] => [...store.all()].map((one) => one.source.path).sort();
const answer = (store: PassageStore) => search(store, null, { query: "late zebra number4", limit: 20 });

test("what was kept is what is opened, answer by answer and byte by byte", () => {
  const before = fillIndex();
  const { keeper, store } = openIndexKeeper(folder);
  expect([keeper.generation, keeper.recoveries, keeper.isSound]).toEqual([1, [], true]);
  expect(answer(store)).toEqual(answer(before));
  expect(paths(store)).toEqual(paths(before));
  keeper.close();
});

test.each(["documents.jsonl", "lexical.bin", "MANIFEST.json"])(
  "a flipped, cut or empty %s is never served",
  async (name) => {
    for (const harm of ["flip", "cut", "empty", "gone"]) {
      await rm(folder, { recursive: true });
      await mkdir(folder);
      const store = fillIndex();
      writeGeneration(folder, 2, await store.compacted());
      const file = path.join(folder, generationName(2), name);
      const bytes = await readFile(file);
      if (harm === "flip") bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 4;
      if (harm === "flip") await writeFile(file, bytes);
      if (harm === "cut") await truncate(file, bytes.length - 7);
      if (harm === "empty") await truncate(file, 0);
      if (harm === "gone") await rm(file);
      const { keeper, store: opened } = openIndexKeeper(folder);
      // A flip inside the manifest's date changes nothing that counts; every other harm falls back to the generation before.
      if (keeper.generation !== 2)
        expect([keeper.generation, keeper.recoveries.length, keeper.isSound]).toEqual([1, 1, false]);
      expect(paths(opened)).toEqual(paths(store));
      for (const document of opened.all()) {
        for (const passage of document.passages) {
          const [, start, end] = /#L(\d+)-L(\d+)$/.exec(citationOf(passage)) ?? [];
          expect(textOf(passage)).toBe(
            document.source.content
              .split("\n")
              .slice(Number(start) - 1, Number(end))
              .join("\n"),
          );
        }
      }
      keeper.keep([], opened);
      if (keeper.wantsCompaction) keeper.renew(await opened.compacted());
      expect([keeper.isSound, keeper.failure]).toEqual([true, null]);
      keeper.close();
    }
  },
);

test("a change log that is cut at any byte gives the changes before the cut, and is written on", async () => {
  fillIndex();
  const log = await readFile(walPath(folder, 1));
  const firstEnd = log.indexOf(10) + 1;
  for (let cut = 0; cut <= log.length; cut += 17) {
    await writeFile(walPath(folder, 1), log.subarray(0, cut));
    const { keeper, store } = openIndexKeeper(folder);
    expect([cut, paths(store).includes("memory/late.md")]).toEqual([cut, cut >= firstEnd]);
    expect(paths(store).includes("memory/n3.md")).toBe(cut < log.length);
    keeper.close();
  }
});

test("an index that cannot be written goes on in memory, says so, and is written when that is possible again", async () => {
  const { keeper, store } = openIndexKeeper(folder);
  await rm(folder, { recursive: true });
  await writeFile(folder, "not a folder");
  const one = source("one", "# One\n\nzebra\n");
  store.put(one);
  keeper.keep([{ op: "put", source: one }], store);
  expect(keeper.failure).toMatch(/ENOTDIR/);
  await rm(folder);
  await mkdir(folder);
  keeper.keep([], store);
  expect([keeper.failure, keeper.generation]).toEqual([null, 1]);
  keeper.close();
});

test("old generations are cleared away, drafts of a crash too", async () => {
  const store = fillIndex();
  for (let generation = 2; generation <= 5; generation++) writeGeneration(folder, generation, await store.compacted());
  await mkdir(path.join(folder, "gen-000009.draft"));
  openIndexKeeper(folder).keeper.close();
  expect((await readdir(folder)).sort()).toEqual(["CURRENT", "gen-000004", "gen-000005", "wal-000005.log"]);
});

let files: RagFolder | null = null;
let running: RagProcess | null = null;

afterEach(async () => {
  running?.child.kill("SIGKILL");
  await running?.exited;
  running = null;
  await files?.remove();
  files = null;
});

async function start(rag: RagFolder): Promise<string> {
  const { port, close } = await takePort();
  await close();
  running = startRag({ ...rag.environment(port), ELK_OS_DATA_DIR: folder });
  const origin = `http://127.0.0.1:${port}`;
  await vi.waitFor(async () => expect((await fetch(`${origin}/health/ready`)).status).toBe(200), STARTS);
  return origin;
}

test("a data folder has one writer: the second process ends with code 75 and names the first", async () => {
  const rag = await makeRagFolder();
  files = rag;
  await start(rag);
  const second = startRag({ ...rag.environment(0), ELK_OS_DATA_DIR: folder });
  expect(await second.exited).toBe(75);
  expect(second.output()).toContain(`Process ${running?.child.pid} writes this data folder`);
});
