/**
 * Judges the search on a set: node bench/rag/eval.ts --set cranfield|memory|DIR [--mode lexical|dense|auto] [--split dev|test] [--cranfield DIR]
 * DIR holds corpus.jsonl {id,title?,text}, queries.jsonl {id,text} and qrels.tsv "query document grade".
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeOwnEngine } from "../../rag/bench/contenders.ts";
import { cranfieldFolder, type JudgedSet, readCranfield, readJudgedFolder } from "./judged-set.ts";
import { measure } from "./measure.ts";

const { values } = parseArgs({
  options: {
    set: { type: "string", default: "memory" },
    mode: { type: "string", default: "auto" },
    split: { type: "string" },
    cranfield: { type: "string", default: process.env["CRANFIELD_DIR"] ?? "" },
    json: { type: "boolean", default: false },
  },
});
const { mode } = values;
if (mode !== "lexical" && mode !== "dense" && mode !== "auto") refuse(`--mode ${mode}: lexical, dense or auto.`);
const set = readSet();
const queries = set.queries.filter(({ split }) => values.split === undefined || split === values.split);
const { ndcg10, recall5, mrr10, recall100, p50Ms, p95Ms } = await measure(
  queries,
  makeOwnEngine(set.documents).rank(mode),
);
const answer = { ndcg10, recall5, mrr10, recall100, p50Ms, p95Ms };
function readSet(): JudgedSet {
  if (values.set === "cranfield") {
    const folder = cranfieldFolder(values.cranfield);
    const found = readCranfield(folder);
    if (found !== null) return found;
    refuse(
      `Cranfield is not part of the repository, and ${folder} does not hold cran.all.1400. Name its folder by --cranfield DIR or CRANFIELD_DIR.`,
    );
  }
  const folder = values.set === "memory" ? join(import.meta.dirname, "memory-eval") : values.set;
  if (!existsSync(join(folder, "corpus.jsonl")))
    refuse(`${folder} holds no corpus.jsonl. A set is a folder with corpus.jsonl, queries.jsonl and qrels.tsv.`);
  return readJudgedFolder(folder);
}

/** Code 2, as for every wrong argument. */
function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}

console.log(values.json ? JSON.stringify(answer) : answer);
