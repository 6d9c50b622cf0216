import { expect, test } from "vitest";
import { CHAIN_FILE, dayFileOf, planAppend, readRecords } from "./log-chain.ts";
import { checkLog } from "./log-check.ts";

const now = new Date("2026-01-02T03:04:05Z");
const file = dayFileOf(now);

interface Files {
  day: Buffer;
  chain: string;
}

function append(files: Files, title: string, body = ""): Files {
  const plan = planAppend({ title, body }, now, files.day, files.chain);
  return { day: Buffer.concat([files.day, plan.text]), chain: files.chain + plan.records };
}

const check = ({ day, chain }: Files) => checkLog(chain, (name) => (name === file ? day : Buffer.alloc(0)));
const kinds = (files: Files) => check(files).problems.map(({ kind }) => kind);
const empty: Files = { day: Buffer.alloc(0), chain: "" };

test("entries follow each other, and no line of a body can be taken for an entry", () => {
  const files = append(append(empty, "One  line", "## not an entry\ntext"), "Two");
  expect(files.day.toString()).toBe("# 2026-01-02\n\n## 03:04 One line\n\n### not an entry\ntext\n\n## 03:04 Two\n");
  expect(check(files)).toMatchObject({ records: 2, problems: [] });
});

test("text from before the chain, or added by hand, is chained as found by the next append", () => {
  const files = append({ day: Buffer.from("# 2026-01-02\n\nby hand"), chain: "" }, "One");
  expect(readRecords(files.chain).records.map(({ by, from }) => [by, from])).toEqual([
    ["found", 0],
    ["append", 21],
  ]);
  expect(kinds({ ...files, day: Buffer.concat([files.day, Buffer.from("more\n")]) })).toEqual(["unchained"]);
});

test("an edit, a cut, a lost record and a forged one are told apart", () => {
  const files = ["One", "Two", "Three"].reduce((sofar, title) => append(sofar, title), empty);
  expect(kinds({ ...files, day: Buffer.from(files.day.toString().replace("Two", "Owt")) })).toEqual(["edited"]);
  expect(kinds({ ...files, day: files.day.subarray(0, -3) })).toEqual(["cut"]);
  expect(kinds({ ...files, chain: files.chain.split("\n").toSpliced(1, 1).join("\n") })).toContain("broken");
  expect(kinds({ ...files, chain: files.chain.replace('"n":2', '"n":7') })).toContain("forged");
});

test("a chain cut at any byte is continued, and every whole record before the cut still holds", () => {
  const files = ["One", "Two"].reduce((sofar, title) => append(sofar, title), empty);
  for (let cut = 0; cut <= files.chain.length; cut++) {
    const next = append({ ...files, chain: files.chain.slice(0, cut) }, "Later");
    expect([cut, kinds(next).filter((kind) => kind !== "torn")]).toEqual([cut, []]);
  }
});

test("the chain file is no name that a record may carry", () => {
  const { chain } = append(empty, "One");
  expect(readRecords(chain.replace(file, CHAIN_FILE)).records).toEqual([]);
});
