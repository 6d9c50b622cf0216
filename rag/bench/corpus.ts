import { decodeDocument } from "../src/corpus/read-file.ts";
import { PassageStore } from "../src/engine/passage-store.ts";

export interface BenchDocument {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

export interface BenchCorpus {
  readonly store: PassageStore;
  /** Id of the document at a path. */
  idOf(path: string): string;
}

/** Documents taken in as the product does it: front matter, chunks, words. */
export function readCorpus(documents: readonly BenchDocument[]): BenchCorpus {
  const store = new PassageStore();
  const ids = new Map<string, string>();
  for (const { id, title, text } of documents) {
    const path = /^(memory|log)\//.test(id) ? id : `memory/${id}.md`;
    const content = title === "" ? text : `---\ntitle: ${JSON.stringify(title)}\n---\n${text}`;
    const collection = path.startsWith("log/") ? "log" : "memory";
    const result = decodeDocument({ collection, path }, Buffer.from(content));
    if (!result.ok) continue;
    ids.set(path, id);
    store.put(result.document);
  }
  return { store, idOf: (path) => ids.get(path) ?? path };
}
