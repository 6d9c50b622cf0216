/**
 * npm run --silent bench:rag -- [--quick] [--json] [--strict] [--cranfield DIR] [--only PART,PART] [--out BASE]: every promise of the search, measured beside its
 * rivals in the same run. Parts: cranfield, memory, recall, scale, cold, service. Writes bench/results/rag-<day>-<quick or long>.json and .md after each part;
 * a run of some parts replaces their rows of the same day. Exit 1 when a row could not be measured, with --strict also when a floor was missed.
 * A try in small, which judges nothing and is written to --out alone: --chunks N --searches N --saves N --boots N --files N --texts N.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { during, say } from "../progress.ts";
import { loadNow, RESULTS, runFacts } from "../run-facts.ts";
import { PART_NAMES, type PartName } from "./goals.ts";
import { judgeMemory } from "./judge-memory.ts";
import { judgeSet } from "./judge-set.ts";
import { cranfieldFolder, readCranfield, readJudgedFolder } from "./judged-set.ts";
import { wordsOf } from "./made-documents.ts";
import { measureCold } from "./measure-cold.ts";
import { measureRecall } from "./measure-recall.ts";
import { measureScale } from "./measure-scale.ts";
import { measureService } from "./measure-service.ts";
import { page } from "./page.ts";
import { keepResult, type Result, withEarlier } from "./result.ts";
import { type AddRow, missingRows, type Row, rowOf } from "./rows.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    strict: { type: "boolean", default: false },
    cranfield: { type: "string", default: process.env["CRANFIELD_DIR"] ?? "" },
    only: { type: "string" },
    out: { type: "string" },
    chunks: { type: "string" },
    searches: { type: "string" },
    saves: { type: "string" },
    boots: { type: "string" },
    files: { type: "string" },
    texts: { type: "string" },
  },
});
/** What the goals speak of. The long form starts more often; all else is the same. */
const ASKED = {
  chunks: 20_000,
  searches: 10_000,
  files: 1_000,
  texts: 1_000,
  saves: 20,
  boots: values.quick ? 3 : 9,
} as const;
const sizes = {
  chunks: sizeOf("chunks", 10),
  searches: sizeOf("searches", 1),
  files: sizeOf("files", 1),
  texts: sizeOf("texts", 1),
  saves: sizeOf("saves", 1),
  boots: sizeOf("boots", 1),
};
const isAskedForm = Object.keys(ASKED).every((name) => values[name as keyof typeof ASKED] === undefined);
const wanted = partsOf(values.only);

const memory = readJudgedFolder(join(import.meta.dirname, "memory-eval"));
const questions = memory.queries.map(({ text }) => text);
const words = wordsOf(memory.documents.map(({ text }) => text));

const PARTS: { readonly [P in PartName]: (add: AddRow<P>) => Promise<void> } = {
  async cranfield(add) {
    const folder = cranfieldFolder(values.cranfield);
    const set = readCranfield(folder);
    if (set === null) throw new Error("Cranfield is not here. Name its folder by --cranfield DIR or CRANFIELD_DIR.");
    await judgeSet("Cranfield", set, add);
  },
  async memory(add) {
    await judgeSet("memory-eval", memory, add);
    await judgeMemory(memory, add);
  },
  recall: (add) => measureRecall(questions, sizes.texts, add),
  scale: (add) => measureScale({ ...sizes, words, questions }, add),
  cold: (add) => measureCold(sizes.files, words, add),
  service: (add) => measureService({ ...sizes, words, questions }, add),
};

const facts = runFacts();
const commit = `${facts.commit}${facts.hasChanges ? "+" : ""}`;
const rows: Row[] = [];
const form = !isAskedForm ? "try" : values.quick ? "quick" : "long";
const base = values.out ?? (isAskedForm ? join(RESULTS, `rag-${facts.at.slice(0, 10)}-${form}`) : null);
const earlier = base === null || values.only === undefined ? [] : withEarlier(`${base}.json`, wanted);

for (const part of wanted) {
  const circumstances = { commit, load: loadNow(), isAskedForm };
  let why = "the part ended without it";
  try {
    await during(`== ${part}`, () =>
      measurePart(part, (id, value, detail, limit) => {
        const row = rowOf(part, id, { value, detail, ...(limit === undefined ? {} : { limit }) }, circumstances);
        say(`   ${row.metric}: ${row.value ?? "–"} ${row.unit} (${row.verdict})`);
        rows.push(row);
      }),
    );
  } catch (error) {
    why = error instanceof Error ? error.message : String(error);
    say(`${part} broke: ${error instanceof Error ? (error.stack ?? why) : why}`);
  }
  rows.push(...missingRows(part, rows, why, circumstances));
  if (base !== null) keepResult(base, resultOf([...earlier, ...rows]));
}
const result = resultOf(rows);
process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : page(result));
const unmeasured = rows.filter(({ verdict }) => verdict === "not measured");
for (const { metric, detail } of unmeasured) say(`Not measured: ${metric}: ${JSON.stringify(detail)}`);
const isMissed = values.strict && rows.some(({ verdict }) => verdict === "missed");
process.exitCode = unmeasured.length > 0 || isMissed ? 1 : 0;

function measurePart(part: PartName, add: (id: string, value: number | null, detail: unknown, limit?: number) => void) {
  const measure: (add: AddRow<never>) => Promise<void> = PARTS[part];
  return measure(add);
}

function resultOf(all: readonly Row[]): Result {
  return { ...facts, form, sizes, rows: all };
}

function partsOf(only: string | undefined): readonly PartName[] {
  const names = only?.split(",") ?? PART_NAMES;
  const unknown = names.filter((name) => !PART_NAMES.some((part) => part === name));
  if (unknown.length > 0) refuse(`--only ${unknown.join(",")}: there is ${PART_NAMES.join(", ")}.`);
  return PART_NAMES.filter((part) => names.includes(part));
}

function sizeOf(name: keyof typeof ASKED, step: number): number {
  const size = Number(values[name] ?? ASKED[name]);
  const isSane =
    Number.isSafeInteger(size) && size > 0 && size % step === 0 && (name !== "saves" || size <= ASKED.saves);
  if (isSane) return size;
  return refuse(
    `--${name} ${values[name]}: a whole number, ${name === "saves" ? "at most 20" : `a multiple of ${step}`}.`,
  );
}

/** Code 2, as for every wrong argument. */
function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
