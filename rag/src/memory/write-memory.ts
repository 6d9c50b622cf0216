import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { RagError } from "../errors.ts";
import type { Library } from "../library.ts";
import { analyze } from "../text/analyze.ts";
import { indexLineOf, type MemoryDraft, renderMemory, slugOf, withIndexLine } from "./memory-text.ts";
import { inTurn, withLock } from "./one-writer.ts";
import { replaceFile } from "./replace-file.ts";

export interface MemoryWrite extends Omit<MemoryDraft, "date" | "supersedes" | "agent" | "tags"> {
  readonly tags?: readonly string[];
  readonly supersedes?: readonly string[];
  readonly agent?: string;
  /** File name without ending; default: from the title. */
  readonly name?: string;
  /** sha256 of the file that this write replaces. Without it nothing that exists is replaced. */
  readonly if_match?: string;
  /** Write although a memory that says nearly the same exists. */
  readonly force?: boolean;
}

export interface MemoryWritten {
  readonly path: string;
  readonly sha256: string;
  /** False when exactly this text stood there already. */
  readonly changed: boolean;
  readonly similar: readonly SimilarMemory[];
}

interface SimilarMemory {
  readonly path: string;
  readonly title: string;
  /** Share of words in common, in [0, 1]. */
  readonly likeness: number;
}

/** Two memories that share this much of their words say the same; a guess, not yet measured. */
const ALIKE = 0.6;
const INDEX = "README.md";
const LOCK = ".write.lock";
/** An editor that saves the index at the very moment is let go first, this often. */
const INDEX_TRIES = 5;

/**
 * Writes a memory as a file, keeps its line in the index, and takes both into the search. Idempotent for the same text. One at a time: of two who send
 * the same `if_match`, one is refused.
 * @throws RagError MUSTER_RAG_MEMORY_EXISTS, _CHANGED or _SIMILAR, each with what stands there; MUSTER_RAG_READ_ONLY; _DISK_FULL; _BUSY
 */
export function writeMemory(library: Library, folder: string, write: MemoryWrite): Promise<MemoryWritten> {
  return inTurn(folder, async () => {
    const written = await withLock(path.join(folder, LOCK), () => writeFiles(library, folder, write));
    // Before the next in the queue: it is compared with what was written last.
    if (written.changed) await library.sync();
    return written;
  });
}

/** A write that nothing speaks against, as far as can be read here. */
interface JudgedMemory {
  readonly name: string;
  readonly draft: MemoryDraft;
  readonly text: string;
  /** What stands there; null: nothing. */
  readonly before: string | null;
  /** What will be true once it is written. */
  readonly written: MemoryWritten;
}

/**
 * Reads what stands there and judges a write by it. Writes nothing.
 * @throws RagError MUSTER_RAG_MEMORY_EXISTS, _CHANGED or _SIMILAR
 */
export async function judgeMemory(library: Library, folder: string, write: MemoryWrite): Promise<JudgedMemory> {
  const name = `${write.name ?? slugOf(write.title)}.md`;
  const before = await readIfThere(path.join(folder, name));
  const { title, body, tags = [], supersedes = [], agent = null } = write;
  const date = (before === null ? null : /^date: (\S+)$/m.exec(before)?.[1]) ?? new Date().toISOString().slice(0, 10);
  const draft = { title, body, tags, supersedes, agent, date };
  const text = renderMemory(draft);
  const target = { path: `memory/${name}`, sha256: digest(text) };
  if (before === text) return { name, draft, text, before, written: { ...target, changed: false, similar: [] } };
  refuseOverwrite(target.path, before, write.if_match);
  const similar = await findSimilar(library, target.path, { title, body }, supersedes);
  if (similar.length > 0 && before === null && write.force !== true) {
    throw new RagError("MUSTER_RAG_MEMORY_SIMILAR", `"${similar[0]?.path}" says nearly the same.`, { similar });
  }
  return { name, draft, text, before, written: { ...target, changed: true, similar } };
}

async function writeFiles(library: Library, folder: string, write: MemoryWrite): Promise<MemoryWritten> {
  const { name, draft, text, before, written } = await judgeMemory(library, folder, write);
  if (!written.changed) return written;
  const file = path.join(folder, name);
  // An editor takes no lock: what stands there is read again before it is replaced.
  await replaceFile(file, text, async () => {
    const now = await readIfThere(file);
    if (now !== before) refuseOverwrite(written.path, now, before === null ? undefined : digest(before));
  });
  await putInIndex(folder, name, indexLineOf(name, draft));
  return written;
}

async function putInIndex(folder: string, name: string, line: string): Promise<void> {
  const file = path.join(folder, INDEX);
  for (let left = INDEX_TRIES; left > 0; left--) {
    const index = await readIfThere(file);
    if (index === null) return;
    const updated = withIndexLine(index, name, line);
    if (updated === index) return;
    const moved = new Error("The index was saved by somebody else.");
    try {
      await replaceFile(file, updated, async () => {
        if ((await readIfThere(file)) !== index) throw moved;
      });
      return;
    } catch (error) {
      if (error !== moved) throw error;
    }
  }
  throw new RagError(
    "MUSTER_RAG_BUSY",
    `The memory is written, but memory/${INDEX} changes too often to take its line.`,
  );
}

function refuseOverwrite(target: string, before: string | null, ifMatch: string | undefined): void {
  if (before === null && ifMatch !== undefined) {
    throw new RagError("MUSTER_RAG_MEMORY_CHANGED", `"${target}" is not there any more.`, { path: target });
  }
  if (before === null) return;
  const facts = { path: target, sha256: digest(before), text: before };
  if (ifMatch === undefined) throw new RagError("MUSTER_RAG_MEMORY_EXISTS", `"${target}" exists.`, facts);
  if (ifMatch !== facts.sha256) {
    throw new RagError("MUSTER_RAG_MEMORY_CHANGED", `"${target}" has changed since you read it.`, facts);
  }
}

async function findSimilar(
  library: Library,
  target: string,
  { title, body }: Pick<MemoryDraft, "title" | "body">,
  supersedes: readonly string[],
): Promise<readonly SimilarMemory[]> {
  const mine = new Set(analyze(`${title}\n${body}`));
  const query = `${title} ${body}`.slice(0, 2_000);
  const found = await library.search({ query, limit: 5, mode: "lexical", filters: { collections: ["memory"] } });
  return (found?.hits ?? []).flatMap((hit) => {
    if (hit.path === target || supersedes.some((old) => hit.path.endsWith(old)) || hit.path.endsWith(INDEX)) return [];
    const theirs = new Set(analyze(hit.text));
    const shared = [...mine].filter((term) => theirs.has(term)).length;
    const likeness = Math.round((shared / (mine.size + theirs.size - shared || 1)) * 100) / 100;
    return likeness >= ALIKE ? [{ path: hit.path, title: hit.title, likeness }] : [];
  });
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
