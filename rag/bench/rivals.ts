import { DatabaseSync } from "node:sqlite";
import { create, insertMultiple, search } from "@orama/orama";
import { stemmer } from "stemmer";
import { STOP_WORDS } from "../src/text/stop-words.ts";
import type { BenchDocument } from "./corpus.ts";

/** Orama with stop words, Porter stems and a boost for the title; any of the words may match. Its answer may be a promise, so it is asked ahead of time. */
export async function makeOrama(
  documents: readonly BenchDocument[],
): Promise<(query: string, limit: number) => Promise<readonly string[]>> {
  const engine = create({
    schema: { id: "string", title: "string", text: "string" },
    components: {
      tokenizer: { stemming: true, stemmer, stopWords: [...STOP_WORDS], language: "english" },
    },
  });
  await insertMultiple(engine, [...documents]);
  return async (query, limit) => {
    const { hits } = await search(engine, {
      term: query,
      properties: ["title", "text"],
      boost: { title: 2 },
      threshold: 1,
      limit,
    });
    return hits.map(({ document }) => document.id);
  };
}

/** SQLite's FTS5 with Porter stems and a boost for the title; stop words are left out of the question. */
export function makeFts5(documents: readonly BenchDocument[]): (query: string, limit: number) => readonly string[] {
  const database = new DatabaseSync(":memory:");
  database.exec("create virtual table docs using fts5(id unindexed, title, text, tokenize = 'porter unicode61')");
  const insert = database.prepare("insert into docs values (?, ?, ?)");
  for (const { id, title, text } of documents) insert.run(id, title, text);
  const ask = database.prepare("select id from docs where docs match ? order by bm25(docs, 0, 2, 1) limit ?");
  return (query, limit) => {
    const words = query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
    const terms = words.filter((word) => !STOP_WORDS.has(word)).map((word) => `"${word}"`);
    return terms.length === 0 ? [] : ask.all(terms.join(" OR "), limit).map((row) => String(row["id"]));
  };
}
