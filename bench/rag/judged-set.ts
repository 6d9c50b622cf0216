import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** A question with the documents that answer it. */
export interface JudgedQuery {
  readonly id: string;
  readonly text: string;
  /** Document → grade ≥ 1. */
  readonly relevant: ReadonlyMap<string, number>;
  /** Kind of question, where the set names kinds. */
  readonly kind: string;
  /** dev is for tuning, test only reports. */
  readonly split: "dev" | "test";
  /** Pairs whose first document may never stand below the second. */
  readonly neverAbove: readonly (readonly [string, string])[];
}

export interface JudgedSet {
  readonly documents: readonly { readonly id: string; readonly title: string; readonly text: string }[];
  readonly queries: readonly JudgedQuery[];
}

const corpusLine = z.object({ id: z.string(), title: z.string().default(""), text: z.string() });
const queryLine = z.object({
  id: z.string(),
  text: z.string(),
  class: z.string().default("all"),
  split: z.enum(["dev", "test"]).optional(),
  never_above: z.array(z.tuple([z.string(), z.string()])).default([]),
});

/** Reads a folder with `corpus.jsonl`, `queries.jsonl` and `qrels.tsv` (`query document grade`). A grade of 0 or less is no answer. */
export function readJudgedFolder(folder: string): JudgedSet {
  const lines = (name: string): string[] =>
    readFileSync(join(folder, name), "utf8")
      .split("\n")
      .filter((line) => line.trim() !== "");
  const documents = lines("corpus.jsonl").map((line) => corpusLine.parse(JSON.parse(line)));
  const relevant = new Map<string, Map<string, number>>();
  for (const line of lines("qrels.tsv")) {
    const [query = "", document = "", grade = "1"] = line.trim().split(/\s+/);
    if (!(Number(grade) > 0)) continue;
    const answers = relevant.get(query) ?? new Map<string, number>();
    relevant.set(query, answers.set(document, Number(grade)));
  }
  const queries = lines("queries.jsonl").map((line, index) => {
    const query = queryLine.parse(JSON.parse(line));
    return {
      id: query.id,
      text: query.text,
      relevant: relevant.get(query.id) ?? new Map<string, number>(),
      kind: query.class,
      split: query.split ?? halfOf(index),
      neverAbove: query.never_above,
    };
  });
  return { documents, queries: queries.filter((query) => query.relevant.size > 0) };
}

/** Beside the repository: where Cranfield is looked for when nobody names its folder. */
const BESIDE = join(import.meta.dirname, "../../../shared/data/cranfield");

/** The folder that was named, or the one beside the repository, there or not. Pure. */
export function cranfieldFolder(named: string): string {
  return named === "" ? BESIDE : named;
}

/** Where Cranfield is read from: 1,400 abstracts and 225 questions. null when it is not there. */
export function readCranfield(folder: string): JudgedSet | null {
  if (!existsSync(join(folder, "cran.all.1400"))) return null;
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  const documents = read("cran.all.1400")
    .split(/^\.I /m)
    .slice(1)
    .map((record) => {
      const [, id = "", title = "", text = ""] =
        /^(\d+)\s*\n\.T\s*\n([\s\S]*?)\.A\s*\n[\s\S]*?\.W\s*\n?([\s\S]*)$/.exec(record) ?? [];
      return { id, title: title.replace(/\s+/g, " ").trim(), text };
    });
  const relevant = new Map<string, Map<string, number>>();
  for (const line of read("cranqrel").trim().split("\n")) {
    const [query = "", document = "", grade = ""] = line.trim().split(/\s+/);
    // Grades 1 to 4 count alike; -1 means that the document was judged and is no answer.
    if (Number(grade) < 1) continue;
    relevant.set(query, (relevant.get(query) ?? new Map<string, number>()).set(document, 1));
  }
  const queries = read("cran.qry")
    .split(/^\.I /m)
    .slice(1)
    .map((record, index) => ({
      // The judgements count questions by position, not by the number that the question carries.
      id: String(index + 1),
      text: record
        .replace(/^\d+\s*\n?\.W\s*\n/, "")
        .replace(/\s+/g, " ")
        .trim(),
      relevant: relevant.get(String(index + 1)) ?? new Map<string, number>(),
      kind: "all",
      split: halfOf(index),
      neverAbove: [],
    }));
  return { documents, queries: queries.filter((query) => query.relevant.size > 0) };
}

function halfOf(index: number): "dev" | "test" {
  return index % 2 === 0 ? "dev" : "test";
}
