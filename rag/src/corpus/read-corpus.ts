import type { CorpusSnapshot, Oddity, SkippedFile, SourceDocument } from "./document.ts";
import { listFiles, type Roots } from "./list-files.ts";
import { readListedFile } from "./read-file.ts";

export const NO_ODDITIES: Readonly<Record<Oddity, number>> = { crlf: 0, byte_order_mark: 0, front_matter_invalid: 0 };

/** Reads every Markdown file below the roots. A file it cannot use is listed in `skipped` with the reason. */
export async function readCorpus(roots: Roots): Promise<CorpusSnapshot> {
  const listing = await listFiles(roots);
  const documents: SourceDocument[] = [];
  const skipped: SkippedFile[] = [];
  const oddities = { ...NO_ODDITIES };
  for (const file of listing.files) {
    const result = await readListedFile(file);
    if (!result.ok) skipped.push({ path: file.path, reason: result.reason });
    else {
      documents.push(result.document);
      for (const oddity of result.oddities) oddities[oddity] += 1;
    }
  }
  return { documents, skipped, oddities, unreadable: listing.unreadable, fingerprint: listing.fingerprint };
}
