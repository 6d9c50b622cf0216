import { createHash } from "node:crypto";
import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { FileCollection } from "./document.ts";

/** Where each collection lies: a folder, or for `constitution` a file. One that is left out is not searched. */
export type Roots = Readonly<Partial<Record<FileCollection, string>>>;

/** Dot files, and what lies below a dot folder or `node_modules`: not knowledge, and never listed. */
const HIDDEN = /(^|[\\/])(\.|node_modules[\\/])/;

export interface ListedFile {
  readonly collection: FileCollection;
  readonly path: string;
  /** With every symbolic link resolved. */
  readonly realPath: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly inode: number;
  /** False when a symbolic link leads out of the collection's folder. */
  readonly inside: boolean;
}

export interface FileListing {
  /** Sorted by path, so that two listings of the same files are equal. */
  readonly files: readonly ListedFile[];
  readonly unreadable: readonly FileCollection[];
  readonly fingerprint: string;
}

/** Lists every `*.md` below the roots, and the constitution, without opening one; dot folders and linked folders are not entered, and a folder that a link leads out to is listed as one. A file that vanishes meanwhile is left out. */
export async function listFiles(roots: Roots): Promise<FileListing> {
  const files: ListedFile[] = [];
  const unreadable: FileCollection[] = [];
  for (const collection of Object.keys(roots) as FileCollection[]) {
    const listed = await listCollection(collection, roots[collection] ?? "");
    if (listed === null) unreadable.push(collection);
    else files.push(...listed);
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, unreadable, fingerprint: toFingerprint(files, unreadable) };
}

async function listCollection(collection: FileCollection, place: string): Promise<ListedFile[] | null> {
  try {
    if (collection === "constitution") {
      const file = await describeFile(collection, await realpath(path.dirname(place)), path.basename(place), true);
      return file === null ? null : [file];
    }
    const root = await realpath(place);
    // With the types: without them a linked folder is entered, and one that leads back to itself forty times over.
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const listed = await Promise.all(
      entries.flatMap((entry) => {
        const name = path.join(entry.parentPath, entry.name).slice(root.length + 1);
        const isMeant = (entry.isSymbolicLink() || name.endsWith(".md")) && !HIDDEN.test(`${name}/`);
        return isMeant ? [describeFile(collection, root, name, entry.isSymbolicLink())] : [];
      }),
    );
    return listed.filter((file) => file !== null);
  } catch {
    // An absent or closed folder is a state that health reports, not a crash of the service.
    return null;
  }
}

/** `root` has its links resolved, so that only a link has another place than its own. */
async function describeFile(
  collection: FileCollection,
  root: string,
  name: string,
  isLink: boolean,
): Promise<ListedFile | null> {
  const absolutePath = path.join(root, name);
  try {
    const [real, facts] = await Promise.all([isLink ? realpath(absolutePath) : absolutePath, stat(absolutePath)]);
    const inside = real === root || real.startsWith(root + path.sep);
    // A linked folder is not entered. What it leads to is found at its own place, or is named as one thing that lies outside.
    const isLeft = facts.isDirectory() ? inside || !isLink : !(facts.isFile() && name.endsWith(".md"));
    if (isLeft) return null;
    return {
      collection,
      path: collection === "constitution" ? name : `${collection}/${name.split(path.sep).join("/")}`,
      realPath: real,
      sizeBytes: facts.size,
      modifiedMs: facts.mtimeMs,
      inode: facts.ino,
      inside,
    };
  } catch {
    // Deleted between the listing and the stat, or a dangling link: the next listing settles it.
    return null;
  }
}

function toFingerprint(files: readonly ListedFile[], unreadable: readonly FileCollection[]): string {
  const hash = createHash("sha256").update(unreadable.join(","));
  for (const file of files) hash.update(`\n${file.path}\0${file.sizeBytes}\0${file.modifiedMs}\0${file.inode}`);
  return hash.digest("hex");
}
