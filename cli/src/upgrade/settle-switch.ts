import { existsSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { CliError } from "../errors/cli-error.ts";
import { findByFolder } from "../host/process-table.ts";
import { waitUntil } from "../host/wait.ts";
import { fieldsOf, type Git } from "./git.ts";

/** A git that was at work when elk-os was killed ends within a second or two. */
const OTHER_GIT = { timeoutMs: 10_000, intervalMs: 100 } as const;
const SHOWN_FILES = 5;

/**
 * Puts back what a switch to that commit had begun when it was killed: git writes the files first, then its index, then HEAD, and would
 * take its own half work for somebody's edits. What is neither the file of before nor (the beginning of) that of the commit is an edit, and stays.
 * @throws CliError UPGRADE_STOPPED naming edits that are in the way, or that another git is at work
 */
export async function settleSwitch(folder: string, git: Git, commit: string): Promise<void> {
  await removeStaleLock(folder);
  const added = await git.differing("HEAD", commit, "A");
  const differing = new Set(await git.differing("HEAD", commit, "a"));
  const changed = fieldsOf(await git.ask(["diff", "-z", "--name-only", "HEAD"])).filter((path) => differing.has(path));
  const begun = [...changed, ...added.filter((path) => existsSync(join(folder, path)))];
  const edits: string[] = [];
  for (const path of begun) if (!(await isOfCommit(folder, git, commit, path))) edits.push(path);
  if (edits.length > 0) {
    throw new CliError("UPGRADE_STOPPED", {
      message: `Checking out ${commit.slice(0, 12)} would overwrite ${edits.slice(0, SHOWN_FILES).join(", ")}, which git does not have.`,
      hint: "Commit them or move them away; then elk-os upgrade goes on.",
      facts: { files: edits },
    });
  }
  if (changed.length > 0) {
    const list = ["--pathspec-from-file=-", "--pathspec-file-nul"];
    await git.write(["--literal-pathspecs", "checkout", "--quiet", "HEAD", ...list], listed(changed));
  }
  for (const path of added) rmSync(join(folder, path), { force: true });
  // The index may name them already.
  if (added.length > 0) await git.write(["update-index", "-z", "--force-remove", "--stdin"], listed(added));
}

async function isOfCommit(folder: string, git: Git, commit: string, path: string): Promise<boolean> {
  const wanted = await git.show(commit, path);
  const file = join(folder, path);
  if (!existsSync(file)) return true;
  // The answer of a command comes without its last line break.
  return wanted !== null && `${wanted}\n`.startsWith(readFileSync(file, "utf8"));
}

/** git names no owner in its lock: it is left over when no git works there any more. */
async function removeStaleLock(folder: string): Promise<void> {
  const lock = join(folder, ".git", "index.lock");
  const isAtWork = () => findByFolder([folder]).some(({ argv }) => basename(argv[0] ?? "") === "git");
  if (await waitUntil(() => !existsSync(lock) || !isAtWork(), OTHER_GIT)) return rmSync(lock, { force: true });
  throw new CliError("UPGRADE_STOPPED", {
    message: `Another git works in ${folder} and holds ${lock}.`,
    hint: "When it has ended: elk-os upgrade goes on.",
  });
}

const listed = (paths: readonly string[]) => paths.map((path) => `${path}\0`).join("");
