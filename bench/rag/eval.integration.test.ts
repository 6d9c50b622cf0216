import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { cranfieldFolder } from "./judged-set.ts";

const judge = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, "eval.ts"), ...args], { encoding: "utf8" });

test("a set of one's own is judged by six figures, and an answer that is not found costs", () => {
  const folder = temporaryFolder();
  const documents = [
    { id: "a", text: "The zebra has stripes." },
    { id: "b", text: "The pool holds eight connections." },
  ];
  const queries = [
    { id: "1", text: "zebra stripes" },
    { id: "2", text: "pool connections" },
  ];
  const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  writeFileSync(join(folder, "corpus.jsonl"), lines(documents));
  writeFileSync(join(folder, "queries.jsonl"), lines(queries));
  const judged = (qrels: string) => {
    writeFileSync(join(folder, "qrels.tsv"), qrels);
    const { status, stdout, stderr } = judge("--set", folder, "--mode", "lexical", "--json");
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout);
  };
  const good = judged("1 a 1\n2 b 1\n");
  expect(Object.keys(good)).toEqual(["ndcg10", "recall5", "mrr10", "recall100", "p50Ms", "p95Ms"]);
  expect(good).toMatchObject({ ndcg10: 1, recall5: 1, mrr10: 1, recall100: 1 });
  expect(good.p95Ms).toBeGreaterThanOrEqual(good.p50Ms);
  // The second question's answer is said to be a text that it shares no word with.
  expect(judged("1 a 1\n2 a 1\n")).toMatchObject({ ndcg10: 0.5, recall5: 0.5, mrr10: 0.5, recall100: 0.5 });
});

test("a set that is not there ends with code 2 and a way on, and Cranfield is looked for beside the repository", () => {
  const nowhere = temporaryFolder();
  expect(judge("--set", nowhere)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("holds no corpus.jsonl"),
  });
  expect(judge("--set", "cranfield", "--cranfield", nowhere)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("--cranfield DIR or CRANFIELD_DIR"),
  });
  expect(cranfieldFolder(nowhere)).toBe(nowhere);
  expect(cranfieldFolder("")).toBe(join(import.meta.dirname, "../../..", "shared/data/cranfield"));
});
