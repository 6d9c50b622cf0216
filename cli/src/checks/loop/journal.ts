import { readJournal } from "../../journal/read-journal.ts";
import { counted } from "../../output/counted.ts";
import { type Check, fail, pass } from "../check.ts";

/** LOOP-04. An intent without an end is an interrupted step; the step now running (in `up` itself) has ended before. */
export const noPendingIntent: Check = {
  id: "LOOP-04",
  title: "No step was left half done",
  severity: "error",
  dependsOn: ["LOOP-05"],
  timeoutMs: 2_000,
  async probe({ paths }) {
    const { records } = readJournal(paths.journal);
    const latest = new Map(records.map((record) => [record.step, record]));
    const pending = [...latest.values()].filter((record) => record.event === "intent");
    return pending.length === 0
      ? pass(`${counted(latest.size, "step")}, each ended`)
      : fail(`interrupted: ${pending.map((record) => record.step).join(", ")}`);
  },
  fix: { summary: "elk-os up resumes: it verifies the step, then adopts or repeats it" },
};

/** LOOP-05. */
export const journalSound: Check = {
  id: "LOOP-05",
  title: "The journal's hash chain is whole",
  severity: "error",
  dependsOn: [],
  timeoutMs: 2_000,
  async probe({ paths }) {
    const { records, fault, torn } = readJournal(paths.journal);
    if (fault !== null) return fail(`line ${fault.line} ${fault.reason}`);
    if (records.length === 0) return fail("the journal is empty", { expected: "one record per step at least" });
    return pass(
      `${counted(records.length, "record")}${torn === null ? "" : ", a torn last line that the next run cuts off"}`,
    );
  },
  fix: { summary: "move journal.jsonl aside, then elk-os up adopts what its checks prove" },
};
