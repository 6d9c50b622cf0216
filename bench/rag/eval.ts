/**
 * Judges the search on a set: node bench/rag/eval.ts --set cranfield|memory|DIR [--mode lexical|dense|auto] [--split dev|test] [--cranfield DIR]
 * DIR holds corpus.jsonl {id,title?,text}, queries.jsonl {id,text} and qrels.tsv "query document grade".
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeOwnEngine } from "../../rag/bench/contenders.ts";
import { readCranfield, readJudgedFolder } from "./judged-set.ts";
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
if (mode !== "lexical" && mode !== "dense" && mode !== "auto")
  throw new Error(`--mode ${mode}: lexical, dense or auto`);
const set =
  values.set === "cranfield"
    ? readCranfield(values.cranfield)
    : readJudgedFolder(values.set === "memory" ? join(import.meta.dirname, "memory-eval") : values.set);
if (set === null) throw new Error("Cranfield is not there: name its folder by --cranfield or CRANFIELD_DIR.");
const queries = set.queries.filter(({ split }) => values.split === undefined || split === values.split);
const { ndcg10, recall5, mrr10, recall100, p50Ms, p95Ms } = await measure(
  queries,
  makeOwnEngine(set.documents).rank(mode),
);
const answer = { ndcg10, recall5, mrr10, recall100, p50Ms, p95Ms };
console.log(values.json ? JSON.stringify(answer) : answer);
