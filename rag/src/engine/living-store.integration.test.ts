import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { makeRagApp, type RagApp } from "../../test/rag-app.ts";
import { decodeDocument } from "../corpus/read-file.ts";
import type { Library } from "../library.ts";
import { openLibrary } from "../library.ts";
import type { Change } from "../persistence/change-log.ts";
import { openIndexKeeper } from "../persistence/index-keeper.ts";
import { DOCUMENTS_PER_TURN } from "../take-turns.ts";
import { PassageStore } from "./passage-store.ts";
import { search } from "./search.ts";

/** More than what makes copying pay, all of it replaced once. */
const TASKS = 800;

let rag: RagApp;
let folder: string;
let kept: ReturnType<typeof openIndexKeeper>;
let library: Library;

beforeEach(async () => {
  rag = await makeRagApp();
  folder = path.join(temporaryFolder(), "data");
  open();
  await library.sync();
});
afterEach(async () => {
  kept.keeper.close();
  await rag.close();
});

function open(): void {
  kept = openIndexKeeper(folder);
  library = openLibrary(rag.roots, kept);
}

function task(n: number, text: string): Change {
  const result = decodeDocument(
    { collection: "memory", path: `board/tasks/${n}` },
    Buffer.from(`# Task ${n}\n\n${text}\n`),
  );
  if (!result.ok) throw new Error(result.reason);
  return { op: "put", source: { ...result.document, collection: "board" } };
}

const all = (text: string): Change[] => Array.from({ length: TASKS }, (_, n) => task(n, `${text} ${n}.`));
const find = async (query: string): Promise<readonly string[]> =>
  ((await library.search({ query, limit: 50 }))?.hits ?? []).map((hit) => hit.path);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Does something at each turn that is left to others until the work is done; answers how many there were. */
async function meanwhile(work: Promise<unknown>, each: (turn: number) => unknown): Promise<number> {
  let turns = 0;
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  work.then(end, end);
  for (; !isOver; turns++) {
    await each(turns);
    await turn();
  }
  await work;
  return turns;
}

test("a store is copied without its dead passages a few documents at a time, and searched in between", async () => {
  const store = new PassageStore();
  for (const change of [...all("zebra"), ...all("quokka")]) if (change.op === "put") store.put(change.source);
  const copy = store.compacted();
  const turns = await meanwhile(copy, () => {
    expect(search(store, null, { query: "quokka", limit: 3 })).toHaveLength(3);
  });
  expect(turns).toBeGreaterThanOrEqual(TASKS / DOCUMENTS_PER_TURN);
  expect([(await copy).size, (await copy).lexical.dead]).toEqual([TASKS, 0]);
});

test("what is taken in while the store is copied is found at once, after the copy, and after a kill", async () => {
  library.take([...all("zebra"), { op: "mark", name: "board", mark: "1" }]);
  const before = kept.keeper.generation;
  // As many dead passages as living ones: a copy is begun.
  library.take([...all("quokka"), { op: "mark", name: "board", mark: "2" }]);
  expect(kept.keeper.generation).toBe(before);
  const turns = await meanwhile(library.sync(), async (n) => {
    if (n === 3) library.take([task(7, "A wombat came."), { op: "remove", path: "board/tasks/9" }]);
    if (n === 4) library.take([task(TASKS, "A numbat came last."), { op: "mark", name: "board", mark: "3" }]);
    if (n > 4) expect(await find("wombat numbat")).toHaveLength(2);
    expect((await find("quokka")).length).toBeGreaterThan(0);
  });
  expect(turns).toBeGreaterThanOrEqual(TASKS / DOCUMENTS_PER_TURN);
  expect(kept.keeper).toMatchObject({ generation: before + 1, failure: null, wantsCompaction: false });
  const expectAll = async (): Promise<void> => {
    expect(library.countOf("board")).toBe(TASKS);
    expect(library.markOf("board")).toBe("3");
    expect([...(await find("wombat numbat"))].sort()).toEqual(["board/tasks/7", `board/tasks/${TASKS}`]);
    expect([await find("zebra"), library.document("board/tasks/9")]).toEqual([[], null]);
    expect(kept.keeper.verify()).toEqual([]);
  };
  await expectAll();
  // Opened again as a killed process leaves it: the log was flushed at each change.
  kept.keeper.close();
  open();
  expect(kept.keeper.recoveries).toEqual([]);
  await expectAll();
});

test("a rebuild while the store is copied wins, and loses nothing that was taken in meanwhile", async () => {
  await rag.folder.write("memory/ports.md", "# Ports\n\nAssert identity.\n");
  library.take(all("zebra"));
  library.take(all("quokka"));
  const turns = await meanwhile(library.rebuild(), (n) => {
    if (n === 2) library.take([task(7, "A wombat came.")]);
  });
  expect(turns).toBeGreaterThanOrEqual(TASKS / DOCUMENTS_PER_TURN);
  await library.sync();
  expect([await find("wombat"), await find("identity"), await find("zebra")]).toEqual([
    ["board/tasks/7"],
    ["memory/ports.md"],
    [],
  ]);
  expect([library.countOf("board"), kept.keeper.verify()]).toEqual([TASKS, []]);
});

test("a copy that is not done when the service ends writes nothing any more", async () => {
  library.take(all("zebra"));
  library.take(all("quokka"));
  const { generation } = kept.keeper;
  const sync = library.sync();
  kept.keeper.close();
  await sync;
  expect(openIndexKeeper(folder).keeper.generation).toBe(generation);
});
