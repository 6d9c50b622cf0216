/** A disk without room under memory/ and log/: what is refused leaves no half of itself, by the service and by the CLI. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { appendLog as appendAsCli } from "../../../cli/src/memory/append-log.ts";
import { writeMemory as writeAsCli } from "../../../cli/src/memory/memory-folder.ts";
import { verifyLog } from "../../../cli/src/memory/verify-log.ts";
import { mountSmallDisk, type SmallDisk } from "../../../test/support/small-disk.ts";
import { makeRagApp, type RagApp } from "../../test/rag-app.ts";

const DISK_BYTES = 1_048_576;
/** Room for the lock file and the beginning of a text, never for all of it. */
const NEARLY_NONE = 12_288;
const LONG = "A line about a disk that has no room left for it.\n".repeat(230);
const why = process.getuid?.() === 0 ? "" : " (only root can mount a small file system)";

let rag: RagApp;
let disks: SmallDisk[];

beforeEach(async () => {
  disks = [];
  rag = await makeRagApp();
});
afterEach(async () => {
  for (const disk of disks) disk.unmount();
  await rag.close();
});

const at = (name: string): string => path.join(rag.folder.root, name);

/** null: this machine lets nobody mount, root or not. */
function mount(folder: string): SmallDisk | null {
  const disk = mountSmallDisk(at(folder), DISK_BYTES);
  if (disk !== null) disks.push(disk);
  return disk;
}

/** Every file of a folder with its bytes. */
function everything(folder: string): Record<string, string> {
  const names = readdirSync(at(folder)).filter((name) => name !== ".ballast");
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(at(folder), name), "utf8")]));
}

test.skipIf(why !== "")(
  `memory/ without room: the write is refused by name and leaves nothing${why}`,
  async ({ skip }) => {
    const disk = mount("memory");
    if (disk === null) return skip("this machine lets nobody mount a file system");
    await rag.folder.write("memory/README.md", "# Memory\n\n- [Other](other.md): stays.\n");
    await rag.library.sync();
    const before = everything("memory");
    const lesson = { title: "Disks end", body: LONG };
    disk.fill(NEARLY_NONE - 4_096);
    expect(await rag.post("/memory", lesson)).toMatchObject({
      status: 507,
      body: { error: { code: "MUSTER_RAG_DISK_FULL", next: expect.stringContaining("Free room") } },
    });
    const draft = { title: "Disks end", body: LONG, tags: [], supersedes: [], agent: null, date: "2026-01-01" };
    await expect(writeAsCli(at("memory"), "disks-end.md", draft, null)).rejects.toMatchObject({ code: "ENOSPC" });
    expect(everything("memory")).toEqual(before);
    disk.free();
    expect(await rag.post("/memory", lesson)).toMatchObject({ status: 200 });
    expect(everything("memory")["README.md"]).toContain("](disks-end.md)");
    const { hits } = (await rag.post("/search", { query: "disk room left" })).body as { hits: { path: string }[] };
    expect(hits[0]?.path).toBe("memory/disks-end.md");
  },
);

test.skipIf(why !== "")(
  `log/ without room: no half entry stands in the day or in the chain${why}`,
  async ({ skip }) => {
    const disk = mount("log");
    if (disk === null) return skip("this machine lets nobody mount a file system");
    expect(await rag.post("/log", { title: "Before", body: "there was room" })).toMatchObject({ status: 200 });
    const before = everything("log");
    // At each of these another write finds no room: the lock's, the day's or, with room for the text alone, the chain's.
    for (let leave = 0; leave <= 8; leave++) {
      disk.fill(leave * 4_096);
      const answer = await rag.post("/log", { title: "Too much", body: LONG });
      if (answer.status === 200) break;
      expect(answer).toMatchObject({ status: 507, body: { error: { code: "MUSTER_RAG_DISK_FULL" } } });
      await expect(appendAsCli(at("log"), { title: "Too much", body: LONG })).rejects.toMatchObject({ code: "ENOSPC" });
      expect(everything("log")).toEqual(before);
      expect(verifyLog(at("log")).problems).toEqual([]);
      disk.free();
    }
    disk.free();
    expect(await rag.post("/log", { title: "After", body: "there is room" })).toMatchObject({ status: 200 });
    await appendAsCli(at("log"), { title: "After that", body: "there is room" });
    expect(verifyLog(at("log")).problems).toEqual([]);
  },
);
