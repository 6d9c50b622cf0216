import { listFiles, type Roots } from "../corpus/list-files.ts";
import { readListedFile } from "../corpus/read-file.ts";
import { citationOf, type IndexedDocument, textOf } from "../engine/passage.ts";

/** The files against what is indexed of them, every byte read again. All lists are of paths, sorted. */
export interface CorpusComparison {
  /** Files that can be searched; those that are skipped are not among them. */
  readonly onDisk: number;
  readonly indexed: number;
  /** On disk and not indexed. */
  readonly missing: readonly string[];
  /** Indexed and not on disk. */
  readonly extra: readonly string[];
  /** Indexed with other bytes than the file has. */
  readonly differing: readonly string[];
  readonly citations: { readonly checked: number; readonly wrong: readonly string[] };
}

/** Reads every file and compares it with its document; then cuts the cited lines out of the file and compares them with each passage. */
export async function compareCorpus(
  roots: Roots,
  documents: ReadonlyMap<string, IndexedDocument>,
): Promise<CorpusComparison> {
  const seen = new Set<string>();
  const missing: string[] = [];
  const differing: string[] = [];
  const wrong: string[] = [];
  let checked = 0;
  for (const file of (await listFiles(roots)).files) {
    const result = await readListedFile(file);
    if (!result.ok) continue;
    seen.add(file.path);
    const document = documents.get(file.path);
    if (document === undefined) missing.push(file.path);
    else if (document.source.sha256 !== result.document.sha256) differing.push(file.path);
    const lines = result.document.content.split("\n");
    for (const passage of document?.passages ?? []) {
      checked += 1;
      const cited = lines.slice(passage.lineStart - 1, passage.lineEnd).join("\n");
      if (cited !== textOf(passage)) wrong.push(citationOf(passage));
    }
  }
  const extra = [...documents.keys()].filter((path) => !seen.has(path)).sort();
  return { onDisk: seen.size, indexed: documents.size, missing, extra, differing, citations: { checked, wrong } };
}
