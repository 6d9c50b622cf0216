/**
 * Judges the search on a set: node bench/rag/eval.ts --set cranfield|memory|DIR [--mode lexical|dense|auto] [--split dev|test] [--cranfield DIR]
 * [--model FOLDER --runtime FOLDER]: a pulled model in place of the shipped one, and the folder of the library that runs it.
 * DIR holds corpus.jsonl {id,title?,text}, queries.jsonl {id,text} and qrels.tsv "query document grade".
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeOwnEngine } from "../../rag/bench/contenders.ts";
import { makePulledEngine } from "../../rag/bench/pulled-engine.ts";
import { openPulledModel } from "../../rag/scripts/open-pulled-model.ts";
import { cranfieldFolder, type JudgedSet, readCranfield, readJudgedFolder } from "./judged-set.ts";
import { measure, type Ranker } from "./measure.ts";

const { values } = parseArgs({
  options: {
    set: { type: "string", default: "memory" },
    mode: { type: "string", default: "auto" },
    split: { type: "string" },
    cranfield: { type: "string", default: process.env["CRANFIELD_DIR"] ?? "" },
    model: { type: "string" },
    runtime: { type: "string", default: "" },
    json: { type: "boolean", default: false },
  },
});
const { mode } = values;
if (mode !== "lexical" && mode !== "dense" && mode !== "auto") refuse(`--mode ${mode}: lexical, dense or auto.`);
const set = readSet();
const queries = set.queries.filter(({ split }) => values.split === undefined || split === values.split);
const { rank, close, more } = await openRanker(mode, values.model);
const { ndcg10, recall5, mrr10, recall100, p50Ms, p95Ms } = await measure(queries, rank);
await close();
const answer = { ndcg10, recall5, mrr10, recall100, p50Ms, p95Ms, ...more };

async function openRanker(
  asked: "lexical" | "dense" | "auto",
  folder: string | undefined,
): Promise<{ rank: Ranker; close: () => Promise<void>; more: object }> {
  if (folder === undefined)
    return { rank: makeOwnEngine(set.documents).rank(asked), close: () => Promise.resolve(), more: {} };
  const embedder = await openPulledModel(folder, values.runtime).catch((error: unknown) => refuse(String(error)));
  const engine = await makePulledEngine(set.documents, embedder);
  const more = { model: embedder.id, msPerPassage: Math.round((engine.embedMs / engine.passages) * 100) / 100 };
  return { rank: engine.rank(asked), close: () => embedder.close(), more };
}

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
