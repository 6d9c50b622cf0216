import { statSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../errors/cli-error.ts";
import { runCommand } from "../host/run.ts";
import { isRoot } from "../host/users.ts";

const TIMEOUT_MS = 60_000;

/** git at work in one folder. */
export interface Git {
  /** Asks, as whoever runs elk-os; the answer without its last line break. @throws CliError INSTALL_FAILED, UPGRADE_REFUSED without git */
  ask(args: readonly string[]): Promise<string>;
  /** Writes files, as the owner of the folder, so that they stay theirs. */
  write(args: readonly string[], input?: string): Promise<void>;
  /** Text of a file at a commit, null when it is not there. */
  show(commit: string, path: string): Promise<string | null>;
  /** Files that differ from one commit to another, by git's letters of a status: "A" for those that only the second has. */
  differing(from: string, to: string, statuses?: string): Promise<readonly string[]>;
}

/** Parts of an answer to `-z`. */
export const fieldsOf = (text: string) => text.split("\0").filter((field) => field !== "");

export function gitIn(folder: string, signal: AbortSignal): Git {
  const { uid, gid } = statSync(folder);
  const owner = isRoot() && uid !== 0 ? { uid, gid } : null;
  const run = async (args: readonly string[], input: string | undefined, runAs: typeof owner) => {
    // As root git refuses a checkout that belongs to another user. A hook of the checkout has no say in an upgrade.
    const settings = ["-c", `safe.directory=${folder}`, "-c", "core.hooksPath=/dev/null"];
    try {
      const { stdout } = await runCommand(["git", ...settings, "-C", folder, ...args], {
        purpose: `git ${args.find((word) => !word.startsWith("-"))} failed`,
        timeoutMs: TIMEOUT_MS,
        environment: {
          LC_ALL: "C",
          GIT_TERMINAL_PROMPT: "0",
          // A question must not rewrite the index, which would then be another user's.
          GIT_OPTIONAL_LOCKS: "0",
          // Root's settings are closed to the owner, and git ends where it may not look for them.
          ...(runAs === null ? {} : { HOME: folder, XDG_CONFIG_HOME: join(folder, ".git") }),
        },
        runAs,
        signal,
        ...(input === undefined ? {} : { input }),
      });
      return stdout;
    } catch (cause) {
      if (!(cause instanceof CliError) || cause.facts["isAbsent"] !== true) throw cause;
      throw new CliError("UPGRADE_REFUSED", {
        message: "git is not installed, and it is what goes from one release to another.",
        hint: "apt-get install git",
        cause,
      });
    }
  };
  const ask = async (args: readonly string[]) => (await run(args, undefined, null)).trimEnd();
  return {
    ask,
    write: async (args, input) => void (await run(args, input, owner)),
    show: (commit, path) => run(["show", `${commit}:${path}`], undefined, null).catch(() => null),
    differing: async (from, to, statuses) =>
      fieldsOf(
        await ask([
          "diff",
          "-z",
          "--name-only",
          "--no-renames",
          ...(statuses === undefined ? [] : [`--diff-filter=${statuses}`]),
          from,
          to,
        ]),
      ),
  };
}
