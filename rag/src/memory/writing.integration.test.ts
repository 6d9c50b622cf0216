import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { appendFile, chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { writeMemory as writeAsCli } from "../../../cli/src/memory/memory-folder.ts";
import { verifyLog } from "../../../cli/src/memory/verify-log.ts";
import { makeRagApp, type RagApp } from "../../test/rag-app.ts";
import { appendLog } from "../log/append-log.ts";
import { writeMemory } from "./write-memory.ts";

let rag: RagApp;
const at = (name: string): string => path.join(rag.folder.root, name);
const sha = (text: string): string => createHash("sha256").update(text).digest("hex");

beforeEach(async () => {
  // No midnight falls between an entry and the look at the file of its day.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 2, 12) });
  rag = await makeRagApp();
  await rag.folder.write("memory/README.md", "# Memory\n\nRules.\n\n- [Other](other.md): stays.\n");
  await rag.library.sync();
});

afterEach(async () => {
  vi.useRealTimers();
  await rag.close();
});

const lesson = { title: "Ports prove nothing", body: "Ask who answers. A 200 is not enough.", tags: ["health"] };

test("a memory becomes a file with front matter, one line in the index, and a hit at once", async () => {
  const { status, body } = await rag.post("/memory", lesson);
  expect([status, body["path"]]).toEqual([200, "memory/ports-prove-nothing.md"]);
  const text = await readFile(at("memory/ports-prove-nothing.md"), "utf8");
  expect(text).toMatch(
    /^---\ndate: .*\d{4}-\d{2}-\d{2}"?\ntags:\n {2}- health\n---\n# Ports prove nothing\n\nAsk who answers/,
  );
  expect(body["sha256"]).toBe(sha(text));
  const index = await readFile(at("memory/README.md"), "utf8");
  expect(index).toBe(
    "# Memory\n\nRules.\n\n- [Other](other.md): stays.\n- [Ports prove nothing](ports-prove-nothing.md): Ask who answers.\n",
  );
  expect((await rag.post("/search", { query: "who answers" })).body["hits"]).toMatchObject([
    { path: body["path"] },
    {},
  ]);
  expect((await rag.post("/memory", lesson)).body).toMatchObject({ changed: false });
});

test("nothing is replaced unless the writer has read what stands there", async () => {
  const first = (await rag.post("/memory", lesson)).body;
  const changed = { ...lesson, body: "Ask twice." };
  const refused = await rag.post("/memory", changed);
  expect(refused).toMatchObject({
    status: 409,
    body: { error: { code: "MUSTER_RAG_MEMORY_EXISTS", sha256: first["sha256"] } },
  });
  const stale = await rag.post("/memory", { ...changed, if_match: "0".repeat(64) });
  expect(stale.body).toMatchObject({
    error: { code: "MUSTER_RAG_MEMORY_CHANGED", text: expect.stringContaining("who answers") },
  });
  expect((await rag.post("/memory", { ...changed, if_match: first["sha256"] })).status).toBe(200);
  expect(await readFile(at("memory/ports-prove-nothing.md"), "utf8")).toContain("Ask twice.");
  expect((await readFile(at("memory/README.md"), "utf8")).match(/ports-prove-nothing/g)).toHaveLength(1);
});

test("a memory that says nearly the same is named, and written only when told so", async () => {
  await rag.post("/memory", lesson);
  const twin = { ...lesson, title: "Ports prove nothing at all" };
  const refused = await rag.post("/memory", twin);
  expect(refused).toMatchObject({
    status: 409,
    body: { error: { code: "MUSTER_RAG_MEMORY_SIMILAR", similar: [{ path: "memory/ports-prove-nothing.md" }] } },
  });
  expect((await rag.post("/memory", { ...twin, force: true })).status).toBe(200);
});

test("twenty writers at once, half of them the CLI, each keep their file and their line in the index", async () => {
  const write = (n: number): Promise<unknown> => {
    const title = `Lesson ${n}`;
    if (n % 2 === 0) return rag.post("/memory", { title, body: `Number ${n}.`, force: true });
    return writeAsCli(
      at("memory"),
      `lesson-${n}.md`,
      { title, body: `Number ${n}.`, tags: [], supersedes: [], date: "2026-01-02", agent: null },
      null,
    );
  };
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => write(n)));
  for (const answer of answers.filter((one) => one !== true)) expect(answer).toMatchObject({ status: 200 });
  const lines = (await readFile(at("memory/README.md"), "utf8")).split("\n").filter((line) => line.startsWith("- ["));
  expect(lines.filter((line) => line.includes("](lesson-"))).toHaveLength(20);
  expect(lines).toHaveLength(21);
  expect((await readdir(at("memory"))).filter((name) => !name.endsWith(".md"))).toEqual([]);
});

test("of two who change what both have read, one is refused", async () => {
  const { sha256 } = (await rag.post("/memory", lesson)).body;
  for (let round = 0, if_match = sha256; round < 5; round++) {
    const both = ["one", "other"].map((who) => rag.post("/memory", { ...lesson, body: `${who} ${round}.`, if_match }));
    const answers = await Promise.all(both);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const [won, lost] = answers.toSorted((a, b) => a.status - b.status);
    expect(lost?.body).toMatchObject({ error: { code: "MUSTER_RAG_MEMORY_CHANGED", sha256: won?.body["sha256"] } });
    if_match = won?.body["sha256"];
  }
});

test("what an editor saved while a write was under way is not overwritten", async () => {
  await rag.post("/memory", lesson);
  const file = at("memory/ports-prove-nothing.md");
  const if_match = sha(await readFile(file, "utf8"));
  const { library } = rag;
  // The digest has been compared by then, and the file is not yet written.
  const search: typeof library.search = async (request) => {
    await writeFile(file, "# By hand\n");
    return library.search(request);
  };
  const write = writeMemory({ ...library, search }, at("memory"), { ...lesson, body: "Ask twice.", if_match });
  await expect(write).rejects.toMatchObject({ code: "MUSTER_RAG_MEMORY_CHANGED" });
  expect(await readFile(file, "utf8")).toBe("# By hand\n");
  expect((await readdir(at("memory"))).filter((name) => name.startsWith("."))).toEqual([]);
});

test("the lock of a writer that died is taken over, and that of a living one is waited for and then named", async () => {
  const gone = spawn(process.execPath, ["-e", ""]);
  await once(gone, "exit");
  await writeFile(at("memory/.write.lock"), String(gone.pid));
  expect((await rag.post("/memory", lesson)).status).toBe(200);
  await writeFile(at("memory/.write.lock"), String(process.pid));
  const refused = await rag.post("/memory", { ...lesson, title: "Another", force: true });
  expect(refused).toMatchObject({ status: 429, body: { error: { code: "MUSTER_RAG_BUSY" } } });
  await rm(at("memory/.write.lock"));
});

test.each(["../escape", "/etc/x", "a/b", ".hidden", "A"])(
  "a name that is no plain name is refused: %s",
  async (name) => {
    expect((await rag.post("/memory", { ...lesson, name })).status).toBe(400);
  },
);

test.skipIf(process.getuid?.() === 0)(
  "a folder that the service may not write is named, and nothing is left behind",
  async () => {
    await chmod(at("memory"), 0o500);
    expect(await rag.post("/memory", lesson)).toMatchObject({
      status: 503,
      body: { error: { code: "MUSTER_RAG_READ_ONLY" } },
    });
    await chmod(at("memory"), 0o700);
    expect(await readdir(at("memory"))).toEqual(["README.md"]);
  },
);

test("log entries are chained, by twenty writers at once, and found", async () => {
  await rag.folder.write(
    `log/${new Date().toISOString().slice(0, 10)}.md`,
    "# Today\n\n## 00:00 By hand\n\nbefore the chain\n",
  );
  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      appendLog(at("log"), { title: `Entry ${index}`, body: "## no entry\n\ntext" }),
    ),
  );
  await rag.library.sync();
  const { problems, records } = verifyLog(at("log"));
  expect([problems, records]).toEqual([[], 21]);
  expect((await rag.post("/search", { query: '"Entry 7"' })).body["hits"]).toHaveLength(1);
});

test("an edit, a cut, a lost record and a text added by hand are told apart", async () => {
  for (const title of ["One", "Two", "Three"]) await appendLog(at("log"), { title: `Entry ${title}`, body: "x" });
  const day = at(`log/${new Date().toISOString().slice(0, 10)}.md`);
  const chain = at("log/chain.jsonl");
  const [text, records] = [await readFile(day, "utf8"), await readFile(chain, "utf8")];
  const kinds = async (): Promise<string[]> => verifyLog(at("log")).problems.map(({ kind }) => kind);
  await writeFile(day, text.replace("Two", "Owt"));
  expect(await kinds()).toEqual(["edited"]);
  await writeFile(day, text.slice(0, -3));
  expect(await kinds()).toEqual(["cut"]);
  await writeFile(day, text);
  await writeFile(chain, records.split("\n").toSpliced(1, 1).join("\n"));
  expect(await kinds()).toContain("broken");
  await writeFile(chain, records.replace('"n":2', '"n":7'));
  expect(await kinds()).toContain("forged");
  await writeFile(chain, records);
  await appendFile(day, "by hand\n");
  expect(await kinds()).toEqual(["unchained"]);
  await appendLog(at("log"), { title: "Entry four", body: "" });
  expect(await kinds()).toEqual([]);
  await writeFile(chain, `${await readFile(chain, "utf8")}{"n":`);
  expect(await kinds()).toEqual(["torn"]);
  await appendLog(at("log"), { title: "Entry five", body: "" });
  expect(await kinds()).toEqual(["torn"]);
});
