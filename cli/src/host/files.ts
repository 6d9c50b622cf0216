import { chmodSync, chownSync, existsSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { writeFileAtomic } from "../state/write-file-atomic.ts";
import type { Identity } from "./run.ts";

export interface Ownership {
  readonly mode: number;
  /** Null leaves the owner as made (the caller). Only root may give files away. */
  readonly owner: Identity | null;
}

/** Makes the folder with its parents and sets mode and owner; idempotent. Parents that it makes are 0711. */
export function ensureDir(path: string, { mode, owner }: Ownership): void {
  const parent = dirname(path);
  if (!existsSync(parent)) ensureDir(parent, { mode: 0o711, owner: null });
  mkdirSync(path, { recursive: true, mode });
  chmodSync(path, mode);
  if (owner !== null) chownSync(path, owner.uid, owner.gid);
}

/**
 * Replaces a file as a whole and gives it to its reader. The folder must not be writable for that reader, or it
 * could plant a link under the temporary name.
 */
export function writeOwnedFile(path: string, content: string, { mode, owner }: Ownership): void {
  writeFileAtomic(path, content, mode);
  if (owner !== null) chownSync(path, owner.uid, owner.gid);
}

const READ = 0o4;
const EXECUTE = 0o1;

/**
 * May that user read the path: search permission on every folder above its real place, read permission on it?
 * Looks at owner, group and other bits only, which is the pessimistic answer where ACLs grant more.
 */
export function isReadableBy(path: string, user: Identity): boolean {
  if (!existsSync(path)) return false;
  const real = realpathSync(path);
  const wanted = statSync(real).isDirectory() ? READ | EXECUTE : READ;
  return grants(real, user, wanted) && isReachableBy(dirname(real), user);
}

/** May that user pass through the folder and every one above it? */
export function isReachableBy(folder: string, user: Identity): boolean {
  for (let real = realpathSync(folder); ; real = dirname(real)) {
    if (!grants(real, user, EXECUTE)) return false;
    if (real === dirname(real)) return true;
  }
}

function grants(path: string, user: Identity, wanted: number): boolean {
  const { uid, gid, mode } = statSync(path);
  const bits = uid === user.uid ? mode >> 6 : gid === user.gid ? mode >> 3 : mode;
  return (bits & wanted) === wanted;
}
