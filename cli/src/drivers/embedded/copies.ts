import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ensureDir } from "../../host/files.ts";
import { withFolderLock } from "../../state/folder-lock.ts";
import { writeFileAtomic } from "../../state/write-file-atomic.ts";

/** A folder or file of the checkout that services cannot read, and the copy in the state folder that they read instead. */
export interface Copy {
  readonly from: string;
  readonly to: string;
}

/**
 * Brings every copy up to date. A running service may look at it meanwhile, so files are replaced one by one; what is gone there goes here too. Two at once
 * would put older files over newer ones: `folder`, which holds the copies, is locked.
 * @throws CliError LOCK_HELD
 */
export async function refreshCopies(folder: string, copies: readonly Copy[]): Promise<void> {
  if (copies.length === 0) return;
  ensureDir(folder, { mode: 0o711, owner: null });
  await withFolderLock(join(folder, ".copies.lock"), () => {
    for (const { from, to } of copies) {
      if (isFile(from)) {
        ensureDir(dirname(to), { mode: 0o755, owner: null });
        copyFile(from, to);
      } else copyFolder(from, to);
    }
  });
}

/** Paths of the checkout, below its top, whose copies are not what they are copies of; empty when all are. Reads only. */
export function findStale(copies: readonly Copy[]): readonly string[] {
  return copies.flatMap(({ from, to }) => stalePaths(from, to, basename(from))).sort();
}

function stalePaths(from: string, to: string, name: string): readonly string[] {
  if (isFile(from)) return isCopied(from, to) ? [] : [name];
  const wanted = entriesOf(from);
  const below = wanted.flatMap((entry) => stalePaths(join(from, entry), join(to, entry), `${name}/${entry}`));
  return [...below, ...surplusOf(to, wanted).map((entry) => `${name}/${entry}`)];
}

function copyFolder(from: string, to: string): void {
  ensureDir(to, { mode: 0o755, owner: null });
  const wanted = entriesOf(from);
  for (const entry of wanted) {
    if (isFile(join(from, entry))) copyFile(join(from, entry), join(to, entry));
    else copyFolder(join(from, entry), join(to, entry));
  }
  for (const entry of surplusOf(to, wanted)) rmSync(join(to, entry), { recursive: true, force: true });
}

/** Names in a folder without links, which lead elsewhere, and without what writers put there for a moment. */
function entriesOf(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => (entry.isFile() || entry.isDirectory()) && !/^\.|\.tmp$/.test(entry.name))
    .map(({ name }) => name);
}

function surplusOf(folder: string, wanted: readonly string[]): readonly string[] {
  const names = new Set(wanted);
  return existsSync(folder) ? readdirSync(folder).filter((name) => !names.has(name)) : [];
}

/** Leaves an equal file alone: the search service reads again what has a new modification time. */
function copyFile(from: string, to: string): void {
  const content = readIfThere(from);
  if (content === null || readIfThere(to)?.equals(content) === true) return;
  writeFileAtomic(to, content, 0o644);
}

function isCopied(from: string, to: string): boolean {
  const content = readIfThere(from);
  return content === null || readIfThere(to)?.equals(content) === true;
}

/** null when it is not there: also when it went away since its folder was read. */
function readIfThere(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
