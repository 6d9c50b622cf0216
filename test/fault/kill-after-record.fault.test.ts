import { cpSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readJournal } from "../../cli/src/journal/read-journal.ts";
import { findHolder } from "../../cli/src/state/lock.ts";
import { type Ended, runProgram, startProgram } from "../support/run-program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { FILE_COUNT, FILES_PER_STEP, RECORD_COUNT, workLog } from "./fixtures/file-phases.ts";
import type { RunAnswer, RunRequest } from "./fixtures/run-file-phases.ts";

const PROGRAM = join(import.meta.dirname, "fixtures", "run-file-phases.ts");
const STEP_COUNT = RECORD_COUNT / 2;

const run = (request: RunRequest) => runProgram(PROGRAM, [JSON.stringify(request)]);
const start = (request: RunRequest) => startProgram(PROGRAM, [JSON.stringify(request)]);
const journalOf = (folder: string) => join(folder, "journal.jsonl");
const answerOf = (ended: Ended): RunAnswer => JSON.parse(ended.stdout);

async function finish(request: RunRequest): Promise<RunAnswer> {
  const ended = await run(request);
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  return answerOf(ended);
}

/** What the phases made: name and content of each file. */
function madeIn(folder: string): Readonly<Record<string, string>> {
  const made = join(folder, "made");
  return Object.fromEntries(
    readdirSync(made)
      .sort()
      .map((name) => [name, readFileSync(join(made, name), "utf8")]),
  );
}

/** How often the work of each step began. */
function beginningsIn(folder: string): readonly number[] {
  const counts = new Map<string, number>();
  const lines = existsSync(workLog(folder)) ? readFileSync(workLog(folder), "utf8").split("\n").slice(0, -1) : [];
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts.values()];
}

/** The chain is whole and each step's newest record closes it. */
function expectSound(folder: string): void {
  const { fault, torn, records } = readJournal(journalOf(folder));
  expect({ fault, torn }).toEqual({ fault: null, torn: null });
  const newest = new Map(records.map((record) => [record.step, record.event]));
  expect(newest.size).toBe(STEP_COUNT);
  expect([...newest.values()]).not.toContain("intent");
}

/** The state of a run that nothing disturbed, and nothing left to do. */
async function expectFinished(request: RunRequest, wanted: Readonly<Record<string, string>>): Promise<void> {
  expect(madeIn(request.folder)).toEqual(wanted);
  expectSound(request.folder);
  expect(findHolder(join(request.folder, "lock"))).toBeNull();
}

/** Before the run that is killed: nothing, or a house that is finished for other inputs. */
interface Scenario {
  readonly name: string;
  readonly before: string | null;
  readonly isBlind: boolean;
}

const SCENARIOS: readonly Scenario[] = [
  { name: "a first run", before: null, isBlind: false },
  { name: "changed inputs", before: "straw", isBlind: false },
  { name: "changed inputs that no check sees", before: "straw", isBlind: true },
];

describe.each(SCENARIOS)("$name", ({ before, isBlind }) => {
  async function prepare(): Promise<() => RunRequest> {
    const base = temporaryFolder();
    if (before !== null) await finish({ folder: base, content: before, isBlind });
    return () => {
      const folder = temporaryFolder();
      cpSync(base, folder, { recursive: true });
      return { folder, content: "brick", isBlind };
    };
  }

  async function uninterrupted(request: RunRequest) {
    const earlier = readJournal(journalOf(request.folder)).records.length;
    await finish(request);
    expect(readJournal(journalOf(request.folder)).records.length - earlier).toBe(RECORD_COUNT);
    return madeIn(request.folder);
  }

  const onceEach = Array.from({ length: STEP_COUNT }, () => (before === null ? 1 : 2));

  test("ends in the same state after SIGKILL behind every journal record, doing no step's work twice", async () => {
    const fresh = await prepare();
    const wanted = await uninterrupted(fresh());
    for (let record = 1; record <= RECORD_COUNT; record++) {
      const request = fresh();
      expect(await run({ ...request, killAfterRecord: record }), `record ${record}`).toMatchObject({
        signal: "SIGKILL",
      });
      const { changed } = await finish(request);
      expect(changed, `record ${record}`).toBe((STEP_COUNT - Math.floor(record / 2)) * FILES_PER_STEP);
      await expectFinished(request, wanted);
      expect(beginningsIn(request.folder), `record ${record}`).toEqual(onceEach);
    }
  });

  test("ends in the same state after SIGKILL behind every file, redoing at most the interrupted step", async () => {
    const fresh = await prepare();
    const wanted = await uninterrupted(fresh());
    for (let file = 1; file <= FILE_COUNT; file++) {
      const request = fresh();
      expect(await run({ ...request, killAfterFile: file }), `file ${file}`).toMatchObject({ signal: "SIGKILL" });
      const { steps } = await finish(request);
      await expectFinished(request, wanted);
      const interrupted = Math.ceil(file / FILES_PER_STEP) - 1;
      const isWhole = file % FILES_PER_STEP === 0;
      // With changed inputs the checks may be blind to the change, so whole work is done again; otherwise it is adopted.
      const adopts = isWhole && before === null;
      expect(Object.values(steps)[interrupted], `file ${file}`).toBe(adopts ? "adopted" : "done");
      expect(beginningsIn(request.folder), `file ${file}`).toEqual(
        onceEach.map((count, index) => (index === interrupted && !adopts ? count + 1 : count)),
      );
    }
  });

  test("ends in the same state when each record in turn was torn in the middle of its line", async () => {
    const fresh = await prepare();
    const wanted = await uninterrupted(fresh());
    for (let record = 1; record <= RECORD_COUNT; record++) {
      const request = fresh();
      await run({ ...request, killAfterRecord: record });
      tearLastLine(journalOf(request.folder));
      await finish(request);
      await expectFinished(request, wanted);
      expect(readdirSync(request.folder).filter((name) => name.includes(".torn-"))).toHaveLength(1);
    }
  });
});

function tearLastLine(path: string): void {
  const text = readFileSync(path, "utf8");
  const start = text.lastIndexOf("\n", text.length - 2) + 1;
  truncateSync(path, Buffer.byteLength(text.slice(0, start)) + Math.floor((text.length - start) / 2));
}

test("gets there however often it is killed, as long as each run gets one record further", async () => {
  const request = { folder: temporaryFolder(), content: "brick" };
  let kills = 0;
  for (; ; kills++) {
    const ended = await run({ ...request, killAfterRecord: kills + 1 });
    if (ended.code === 0) break;
    expect(ended.signal).toBe("SIGKILL");
    expect(kills).toBeLessThan(3 * RECORD_COUNT);
  }
  expect(kills).toBeGreaterThan(3);
  expectSound(request.folder);
  expect(beginningsIn(request.folder)).toEqual(Array.from({ length: STEP_COUNT }, () => 1));
});

test("has nothing to do after a resumed run", async () => {
  const request = { folder: temporaryFolder(), content: "brick" };
  await run({ ...request, killAfterFile: 3 });
  await finish(request);
  const { changed, steps } = await finish(request);
  expect(changed).toBe(0);
  expect(new Set(Object.values(steps))).toEqual(new Set(["skipped"]));
});

test("adopts a whole stack whose journal was deleted, and builds what is missing of it", async () => {
  const request = { folder: temporaryFolder(), content: "brick" };
  await run({ ...request, killAfterRecord: 6 });
  writeFileSync(journalOf(request.folder), "");
  const { steps } = await finish(request);
  expect(Object.values(steps)).toEqual(["adopted", "adopted", "adopted", "done", "done", "done"]);
  expectSound(request.folder);
});

test("lets one of two runs work and ends the other with 6, which changes nothing", async () => {
  const folder = temporaryFolder();
  const gate = join(folder, "gate");
  const first = start({ folder, content: "brick", gate });
  await expect.poll(() => existsSync(workLog(folder)), { timeout: 20_000 }).toBe(true);
  const second = await run({ folder, content: "straw" });
  expect(second).toMatchObject({ code: 6, stdout: "", stderr: expect.stringContaining("LOCK_HELD") });
  expect(second.stderr).toContain(`pid ${first.child.pid}`);
  writeFileSync(gate, "");
  expect(await first.ended).toMatchObject({ code: 0 });
  expect(new Set(Object.values(madeIn(folder)))).toEqual(new Set(["brick"]));
  expectSound(folder);
});
