import { relative, sep } from "node:path";
import { CliError } from "../../errors/cli-error.ts";
import { runCommand } from "../../host/run.ts";
import type { NamedSecret } from "./find-secret.ts";

/** A question to the git of one checkout. */
interface GitPlace {
  readonly checkout: string;
  readonly signal: AbortSignal;
}

/** git's way to say that it found nothing, or that the answer is no. */
const NOTHING = 1;

/** @throws CliError INSTALL_FAILED when git is absent or fails: a look that could not be had is no pass */
async function git({ checkout, signal }: GitPlace, args: readonly string[], input?: string): Promise<string | null> {
  try {
    const { stdout } = await runCommand(["git", "-c", `safe.directory=${checkout}`, "-C", checkout, ...args], {
      purpose: "git could not be asked for secrets in this checkout",
      timeoutMs: 15_000,
      signal,
      ...(input === undefined ? {} : { input, redact: input.split("\n") }),
    });
    return stdout;
  } catch (error) {
    if (error instanceof CliError && error.facts["exitCode"] === NOTHING) return null;
    throw error;
  }
}

const namesIn = (listing: string | null) => (listing ?? "").split("\0").filter((name) => name !== "");

/**
 * Files that git tracks, relative to the checkout; null on a machine that has no git: nothing can be committed there, and a checkout comes as a folder.
 * @throws CliError when git is there and fails
 */
export async function trackedFiles(place: GitPlace): Promise<readonly string[] | null> {
  try {
    return namesIn(await git(place, ["ls-files", "-z"]));
  } catch (error) {
    if (error instanceof CliError && error.facts["isAbsent"] === true) return null;
    throw error;
  }
}

/** Where git itself keeps a secret, whatever the working tree holds: "index:path" or "HEAD:path"; null when nowhere. */
export async function findInGit(place: GitPlace, secrets: readonly NamedSecret[]): Promise<string | null> {
  if (secrets.length === 0) return null;
  // The values go by standard input: argv is everybody's to read.
  const patterns = secrets.map(({ value }) => value).join("\n");
  const search = ["grep", "--name-only", "-z", "--fixed-strings", "-f", "-"];
  const [staged] = namesIn(await git(place, [...search, "--cached"], patterns));
  if (staged !== undefined) return `index:${staged}`;
  const hasCommit = (await git(place, ["rev-parse", "--quiet", "--verify", "HEAD"])) !== null;
  const [committed] = hasCommit ? namesIn(await git(place, [...search, "HEAD"], patterns)) : [];
  return committed ?? null;
}

/** True for a folder below the checkout that the next `git add` would take. */
export async function wouldBeAdded(place: GitPlace, folder: string): Promise<boolean> {
  const below = relative(place.checkout, folder);
  if (below === "" || below === ".." || below.startsWith(`..${sep}`)) return false;
  return (await git(place, ["check-ignore", "--quiet", folder])) === null;
}
