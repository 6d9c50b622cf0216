import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { runProgram } from "../../../test/support/run-program.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { openJournal, retireJournal } from "./journal.ts";
import { readJournal } from "./read-journal.ts";
import { GENESIS, hashLine, type JournalEntry } from "./record.ts";

function entry(step: string, event: JournalEntry["event"] = "done"): JournalEntry {
  return {
    run: "run-1",
    phase: "up",
    step,
    event,
    inputHash: "hash",
    changed: 1,
    durationMs: 5,
    cli: "0.1.0",
    error: null,
  };
}

/** A closed journal with these steps. */
function journalWith(...steps: readonly string[]): string {
  const path = join(temporaryFolder(), "journal.jsonl");
  const journal = openJournal(path);
  for (const step of steps) journal.append(entry(step));
  journal.close();
  return path;
}

const linesOf = (path: string) => readFileSync(path, "utf8").split("\n").slice(0, -1);
const tornFilesOf = (path: string) => readdirSync(dirname(path)).filter((name) => name.includes(".torn-"));

test("starts empty, readable by its owner only", () => {
  const path = journalWith();
  expect(readFileSync(path, "utf8")).toBe("");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readJournal(path)).toEqual({ records: [], head: GENESIS, soundBytes: 0, torn: null, fault: null });
});

test("reads a journal that does not exist as an empty one, and makes none", () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  expect(readJournal(path).records).toEqual([]);
  expect(readdirSync(dirname(path))).toEqual([]);
});

test("chains every record to the line before it", () => {
  const path = journalWith("up/a", "up/b", "up/c");
  const lines = linesOf(path);
  const records = lines.map((line): unknown => JSON.parse(line));
  expect(records).toMatchObject([
    { v: 1, seq: 1, step: "up/a", prev: GENESIS },
    { v: 1, seq: 2, step: "up/b", prev: hashLine(lines[0] ?? "") },
    { v: 1, seq: 3, step: "up/c", prev: hashLine(lines[1] ?? "") },
  ]);
  expect(readJournal(path)).toMatchObject({ head: hashLine(lines[2] ?? ""), fault: null, torn: null });
});

test("has a record on disk when append returns, before it is closed", () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  const journal = openJournal(path);
  journal.append(entry("up/a", "intent"));
  expect(linesOf(path)).toHaveLength(1);
  journal.close();
});

test("goes on where it stopped when it is opened again", () => {
  const path = journalWith("up/a", "up/b");
  const journal = openJournal(path);
  journal.append(entry("up/a", "skip"));
  expect(journal.history("up/a").map(({ seq, event }) => [seq, event])).toEqual([
    [1, "done"],
    [3, "skip"],
  ]);
  expect(journal.history("up/never")).toEqual([]);
  journal.close();
  expect(readJournal(path)).toMatchObject({ fault: null, records: [{ seq: 1 }, { seq: 2 }, { seq: 3 }] });
});

describe("a last line that a crash tore", () => {
  test.each([1, 20, 0.5, -1])("is cut off and kept aside (torn at %d)", (at) => {
    const path = journalWith("up/a", "up/b");
    const [first = "", second = ""] = linesOf(path);
    const length = at === -1 ? second.length : at < 1 ? Math.floor(second.length * at) : at;
    const torn = second.slice(0, length);
    writeFileSync(path, `${first}\n${torn}`);
    expect(readJournal(path)).toMatchObject({ torn, fault: null, records: [{ step: "up/a" }] });

    const journal = openJournal(path);
    journal.append(entry("up/b"));
    journal.close();
    expect(readJournal(path)).toMatchObject({ torn: null, fault: null, records: [{ step: "up/a" }, { step: "up/b" }] });
    const [kept = ""] = tornFilesOf(path);
    expect(readFileSync(join(dirname(path), kept), "utf8")).toBe(torn);
  });

  test("may end inside a character or in the zeros of a lost block", () => {
    const path = journalWith("up/ä");
    const whole = readFileSync(path);
    const insideCharacter = whole.subarray(0, whole.indexOf(Buffer.from("ä")) + 1);
    for (const tail of [insideCharacter, Buffer.alloc(100)]) {
      writeFileSync(path, Buffer.concat([whole, tail]));
      openJournal(path).close();
      expect(readFileSync(path)).toEqual(whole);
    }
  });

  test("may be the only line", () => {
    const path = join(temporaryFolder(), "journal.jsonl");
    writeFileSync(path, '{"v":1,');
    openJournal(path).close();
    expect(readFileSync(path, "utf8")).toBe("");
  });
});

describe("a fault that no crash explains is refused", () => {
  const faults: readonly (readonly [string, number, string, (lines: string[]) => readonly string[]])[] = [
    ["a changed record", 2, "hash chain", (lines) => [(lines[0] ?? "").replace("up/a", "up/x"), ...lines.slice(1)]],
    ["a removed record", 2, "hash chain", (lines) => lines.toSpliced(1, 1)],
    ["two records swapped", 1, "hash chain", ([a = "", b = "", ...rest]) => [b, a, ...rest]],
    ["a line that is no JSON", 2, "not a journal record", (lines) => lines.with(1, "{}{")],
    ["an empty line", 2, "not a journal record", (lines) => lines.toSpliced(1, 0, "")],
    [
      "an unknown event",
      3,
      "not a journal record",
      (lines) => lines.with(2, (lines[2] ?? "").replace('"done"', '"gone"')),
    ],
    ["a field too many", 3, "not a journal record", (lines) => lines.with(2, (lines[2] ?? "").replace("{", '{"x":1,'))],
    [
      "a sequence number out of order",
      3,
      "out of sequence",
      (lines) => lines.with(2, (lines[2] ?? "").replace('"seq":3', '"seq":4')),
    ],
  ];

  test.each(faults)("%s", (_name, line, reason, damage) => {
    const path = journalWith("up/a", "up/b", "up/c");
    const damaged = `${damage(linesOf(path)).join("\n")}\n`;
    writeFileSync(path, damaged);
    expect(() => openJournal(path)).toThrow(
      expect.objectContaining({
        code: "JOURNAL_BROKEN",
        exit: 7,
        message: expect.stringContaining(`Line ${line} of the journal`),
        facts: { line },
      }),
    );
    expect(readJournal(path).fault?.reason).toContain(reason);
    expect(readFileSync(path, "utf8")).toBe(damaged);
  });
});

test("appends nothing when the disk is full, and a later record does not continue a half line", async () => {
  const path = join(temporaryFolder(), "journal.jsonl");
  const fixture = join(import.meta.dirname, "../../../test/fault/fixtures/full-disk.ts");
  // One block of 512 or 1024 bytes, as the shell counts: the third record does not fit.
  const wrapper = ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh"];
  const ended = await runProgram(fixture, ["journal", path], { wrapper });
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  const { appended, refused } = JSON.parse(ended.stdout);
  expect(refused).toBe("EFBIG");
  expect(appended).toBeGreaterThan(0);
  expect(readJournal(path)).toMatchObject({ torn: null, fault: null });
  expect(readJournal(path).records).toHaveLength(appended);
});

test("is moved out of the way by reset, and a new one starts", () => {
  const path = journalWith("up/a");
  retireJournal(path);
  expect(readJournal(path).records).toEqual([]);
  expect(readdirSync(dirname(path))).toEqual([expect.stringMatching(/^journal\.jsonl\.retired-\d+$/)]);
  rmSync(dirname(path), { recursive: true });
  expect(() => retireJournal(path)).not.toThrow();
});
