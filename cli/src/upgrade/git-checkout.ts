/** The checkout as git sees it. Reads, and moves the working tree between two commits; never moves a branch, never fetches. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CliError } from "../errors/cli-error.ts";
import { fieldsOf, gitIn } from "./git.ts";
import { settleSwitch } from "./settle-switch.ts";

/** Written by people and agents while the board is in use: changes there travel along. */
const LIVING = [":!memory", ":!log"] as const;

export interface Checkout {
  /** Full id of what is checked out. */
  head(): Promise<string>;
  /** Name of the branch, or the commit when it is detached. */
  ref(): Promise<string>;
  /** Commit of a branch, tag or commit; of the branch's upstream for null. @throws CliError UPGRADE_REFUSED */
  resolve(ref: string | null): Promise<string>;
  /** Text of a file at a commit, null when it is not there. */
  show(commit: string, path: string): Promise<string | null>;
  /** @throws CliError UPGRADE_REFUSED */
  version(commit: string): Promise<string>;
  /** Files below a folder that differ from one commit to another, by status: `A board/migrations/0040-x.sql`. */
  changes(from: string, to: string, folder: string): Promise<readonly string[]>;
  /** Tracked files with uncommitted changes, memory/ and log/ left out. */
  edited(): Promise<readonly string[]>;
  /** Uncommitted and untracked files that a switch to the commit would overwrite. */
  inTheWay(commit: string): Promise<readonly string[]>;
  /** Writes the files of a commit as a tar archive. */
  archive(commit: string, file: string): Promise<void>;
  /** Checks a branch or commit out, also where a switch to it was killed half way. @throws CliError UPGRADE_STOPPED */
  switchTo(ref: string): Promise<void>;
  /** Puts back what a switch to that commit had begun when it was killed. @throws CliError UPGRADE_STOPPED */
  takeBack(commit: string): Promise<void>;
}

/** @throws CliError UPGRADE_REFUSED when the checkout is no clone */
export function openCheckout(folder: string, signal: AbortSignal): Checkout {
  if (!existsSync(join(folder, ".git"))) {
    throw new CliError("UPGRADE_REFUSED", {
      message: `${folder} is no git clone, so there is no other release in it.`,
      hint: "elk-os backup create; then unpack the new release over it and run elk-os up.",
    });
  }
  const git = gitIn(folder, signal);
  const { ask, show } = git;
  const head = () => ask(["rev-parse", "HEAD"]);
  const commitOf = (ref: string) => ask(["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
  return {
    head,
    show,
    ref: async () => (await ask(["branch", "--show-current"])) || (await head()),
    resolve: (ref) =>
      commitOf(ref ?? "@{upstream}").catch((cause: unknown) => {
        throw new CliError("UPGRADE_REFUSED", {
          message: ref === null ? "The branch has no upstream to follow." : `git knows no commit "${ref}" here.`,
          hint: "git fetch --tags; then elk-os upgrade TAG (elk-os itself fetches nothing).",
          cause,
        });
      }),
    async version(commit) {
      const manifest = await show(commit, "package.json");
      const parsed = z.object({ version: z.string() }).safeParse(manifest === null ? null : JSON.parse(manifest));
      if (parsed.success) return parsed.data.version;
      throw new CliError("UPGRADE_REFUSED", {
        message: `Commit ${commit.slice(0, 12)} is no release of Muster: it has no package.json with a version.`,
        hint: "Name a tag or commit of this repository.",
      });
    },
    async changes(from, to, below) {
      const fields = fieldsOf(await ask(["diff", "-z", "--name-status", "--no-renames", from, to, "--", below]));
      return fields.flatMap((status, index) => (index % 2 === 0 ? [`${status} ${fields[index + 1]}`] : []));
    },
    edited: async () => fieldsOf(await ask(["diff", "-z", "--name-only", "HEAD", "--", ".", ...LIVING])),
    async inTheWay(commit) {
      const differing = new Set(await git.differing("HEAD", commit));
      const changed = fieldsOf(await ask(["diff", "-z", "--name-only", "HEAD"])).filter((path) => differing.has(path));
      const added = await git.differing("HEAD", commit, "A");
      return [...changed, ...added.filter((path) => existsSync(join(folder, path)))];
    },
    async archive(commit, file) {
      await ask(["archive", "--format=tar", `--output=${file}`, commit]);
    },
    async switchTo(ref) {
      const commit = await commitOf(ref);
      await settleSwitch(folder, git, commit);
      await git.write(["checkout", "--quiet", ...(ref === commit ? ["--detach"] : []), ref]).catch((cause: unknown) => {
        throw new CliError("UPGRADE_STOPPED", {
          message: `git could not check out ${ref}. ${cause instanceof Error ? cause.message : String(cause)}`,
          hint: "Mend what git names (a full disk, an edited file); then elk-os upgrade goes on.",
          cause,
        });
      });
    },
    takeBack: (commit) => settleSwitch(folder, git, commit),
  };
}
