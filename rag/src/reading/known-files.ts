import { NO_ODDITIES, type Oddity, type SkippedFile, type SourceDocument } from "../corpus/document.ts";
import type { ListedFile } from "../corpus/list-files.ts";
import { readListedFile } from "../corpus/read-file.ts";

/** A listed file with what reading it gave. */
interface KnownFile {
  readonly stamp: string;
  readonly skipped: SkippedFile | null;
  readonly oddities: readonly Oddity[];
}

/** What is known of the files that were read: which are as they were, which were skipped, what was odd about them. */
export class KnownFiles {
  private readonly files = new Map<string, KnownFile>();

  /** The document in a file; null when it holds none that can be searched. Notes what was read. */
  async read(file: ListedFile): Promise<SourceDocument | null> {
    const result = await readListedFile(file);
    const skipped = result.ok ? null : { path: file.path, reason: result.reason };
    this.files.set(file.path, { stamp: stampOf(file), skipped, oddities: result.ok ? result.oddities : [] });
    return result.ok ? result.document : null;
  }

  isChanged(file: ListedFile): boolean {
    return this.files.get(file.path)?.stamp !== stampOf(file);
  }

  forgetAllBut(paths: ReadonlySet<string>): void {
    for (const path of [...this.files.keys()]) if (!paths.has(path)) this.files.delete(path);
  }

  clear(): void {
    this.files.clear();
  }

  skipped(): readonly SkippedFile[] {
    return [...this.files.values()].flatMap(({ skipped }) => skipped ?? []).sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  oddities(): Readonly<Record<Oddity, number>> {
    const counts = { ...NO_ODDITIES };
    for (const file of this.files.values()) for (const oddity of file.oddities) counts[oddity] += 1;
    return counts;
  }
}

/** Changes when the file was written or replaced. */
function stampOf({ sizeBytes, modifiedMs, inode, inside }: ListedFile): string {
  return `${sizeBytes} ${modifiedMs} ${inode} ${inside}`;
}
