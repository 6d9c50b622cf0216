/**
 * Chooses what likeness weighs beside words for the shipped model, and writes it into the model's card:
 * node rag/scripts/calibrate-fusion.ts --cranfield DIR [--model FOLDER --runtime FOLDER]
 * --model: for a pulled model instead, run by the library in --runtime; its weights are written into rag/models.json.
 * Only the dev halves of both judged sets choose. The best is the highest mean nDCG@10 of the two among the weights that leave `auto` on neither
 * of them more than 0.005 below its better leg; of equal ones the smaller weights. The test halves are reported at the end and choose nothing.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type JudgedSet, readCranfield, readJudgedFolder } from "../../bench/rag/judged-set.ts";
import { measure } from "../../bench/rag/measure.ts";
import { makeOwnEngine } from "../bench/contenders.ts";
import { makePulledEngine } from "../bench/pulled-engine.ts";
import { SHIPPED_MODEL } from "../src/embedding/static-embedder.ts";
import type { FusionWeights } from "../src/ranking/weigh-legs.ts";
import { openPulledModel } from "./open-pulled-model.ts";

const SURE = [0, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5];
const UNSURE = [0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
const MAY_LOSE = 0.005;
const CATALOGUE = new URL("../models.json", import.meta.url);

const { values } = parseArgs({
  options: {
    cranfield: { type: "string", default: process.env["CRANFIELD_DIR"] ?? "" },
    model: { type: "string" },
    runtime: { type: "string", default: "" },
  },
});
const memory = join(import.meta.dirname, "../../bench/rag/memory-eval");
const found = [readCranfield(values.cranfield), readJudgedFolder(memory)];
const pulled = values.model === undefined ? null : await openPulledModel(values.model, values.runtime);
const judges = await Promise.all(found.flatMap((set) => (set === null ? [] : [toJudge(set)])));
if (judges.length < 2) throw new Error("Cranfield is not there: name its folder by --cranfield or CRANFIELD_DIR.");

const tried: { sure: number; unsure: number; mean: number; scores: readonly Score[]; holds: boolean }[] = [];
for (const sure of SURE) {
  for (const unsure of UNSURE.filter((one) => one >= sure)) {
    const scores = await Promise.all(judges.map(({ judge }) => judge({ sure, unsure })));
    const mean = scores.reduce((sum, { score }) => sum + score, 0) / scores.length;
    tried.push({ sure, unsure, mean, scores, holds: scores.every(({ score, floor }) => score >= floor - MAY_LOSE) });
  }
}
const [best] = tried.filter(({ holds }) => holds).sort((a, b) => b.mean - a.mean);
if (best === undefined) throw new Error("No weights keep auto from falling below its better leg.");
const fusion = { sure: best.sure, unsure: best.unsure };
if (pulled === null) {
  const card: object = JSON.parse(readFileSync(SHIPPED_MODEL, "utf8"));
  writeFileSync(SHIPPED_MODEL, `${JSON.stringify({ ...card, fusion }, null, 2)}\n`);
} else {
  writeIntoCatalogue(pulled.id);
}
console.log({ fusion, mean: best.mean, scores: best.scores });
for (const { report } of judges) console.table(await report(fusion));
await pulled?.close();

interface Score {
  readonly score: number;
  /** What the better of the two legs reaches alone. */
  readonly floor: number;
}

interface Judge {
  judge(fusion: FusionWeights): Promise<Score>;
  /** Every mode on both halves: the test half is looked at once, after the choice. */
  report(fusion: FusionWeights): Promise<readonly object[]>;
}

async function toJudge(set: JudgedSet): Promise<Judge> {
  const own = pulled === null ? makeOwnEngine(set.documents) : await makePulledEngine(set.documents, pulled);
  const half = (name: string) => set.queries.filter(({ split }) => split === name);
  const dev = half("dev");
  const alone = await Promise.all([measure(dev, own.rank("lexical")), measure(dev, own.rank("dense"))]);
  const floor = Math.max(...alone.map(({ ndcg10 }) => ndcg10));
  const report = async (fusion: FusionWeights): Promise<readonly object[]> => {
    const rows: object[] = [];
    for (const split of ["dev", "test"]) {
      for (const mode of ["lexical", "dense", "auto"] as const) {
        const { ndcg10, recall5, obsoleteAbove } = await measure(half(split), own.rank(mode, fusion));
        const told = half(split).filter(({ kind }) => kind === "paraphrase");
        const paraphrases = told.length === 0 ? null : (await measure(told, own.rank(mode, fusion))).recall5;
        rows.push({ split, mode, ndcg10, recall5, paraphrases, obsoleteAbove });
      }
    }
    return rows;
  };
  return {
    judge: async (fusion) => ({ score: (await measure(dev, own.rank("auto", fusion))).ndcg10, floor }),
    report,
  };
}

function writeIntoCatalogue(name: string): void {
  const { models }: { models: { name: string; run?: object }[] } = JSON.parse(readFileSync(CATALOGUE, "utf8"));
  const entries = models.map((model) => (model.name === name ? { ...model, run: { ...model.run, fusion } } : model));
  writeFileSync(CATALOGUE, `${JSON.stringify({ models: entries }, null, 2)}\n`);
}
