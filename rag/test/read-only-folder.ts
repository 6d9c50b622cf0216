import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";

/**
 * Makes a folder one that this process may read and not write: by a mount where root runs, whom a mode does not stop, else by its mode. Answers how to end it,
 * or why it cannot be done here.
 */
export function makeReadOnly(folder: string): { readonly end: () => void } | { readonly why: string } {
  if (process.getuid?.() !== 0) {
    chmodSync(folder, 0o500);
    return { end: () => chmodSync(folder, 0o700) };
  }
  return mountReadOnly(folder, folder);
}

/** Shows a folder at another place (or at its own) where nobody may write it, as a container is given it. Only root can. */
export function mountReadOnly(from: string, at: string): { readonly end: () => void } | { readonly why: string } {
  const run = (program: string, ...words: string[]) => spawnSync(program, words, { encoding: "utf8" });
  const end = (): void => void run("umount", "-l", at);
  const bound = run("mount", "--bind", from, at);
  if (bound.status !== 0) return { why: bound.error?.message ?? bound.stderr };
  const remounted = run("mount", "-o", "remount,bind,ro", at);
  if (remounted.status === 0) return { end };
  end();
  return { why: remounted.stderr };
}
