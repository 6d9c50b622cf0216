import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";
import { CliError } from "../errors/cli-error.ts";
import { counted } from "../output/counted.ts";
import type { Stack } from "../stack/stack.ts";
import { fieldsOf, gitIn } from "../upgrade/git.ts";
import { openCheckout } from "../upgrade/git-checkout.ts";

/** What a bundle is made of, found to be fit for one. */
export interface Source {
  readonly commit: string;
  /** Folder of the pinned Node and npm. */
  readonly toolchain: string;
  /** npm's record of the checkout's packages. */
  readonly installed: string;
}

/** Where a file that git does not know would become part of what is staged. */
const STAGED_FROM = ["board", "rag", "portal", "directus"];
/** Files that a refusal names: enough to see what it is about. */
const NAMED = 5;

/**
 * A bundle is one commit and what was made from it by the pinned Node: anything else could not be made again, and would not be found by the
 * checkout that it unpacks to. @throws CliError BUNDLE_REFUSED
 */
export async function assertBundled({ checkout, config }: Stack, signal: AbortSignal): Promise<Source> {
  if (!existsSync(join(checkout, ".git")))
    throw refused(
      `${checkout} is no git clone, so nothing says what belongs to it.`,
      "Export from a clone of the repository.",
    );
  const git = openCheckout(checkout, signal);
  const added = await gitIn(checkout, signal).ask([
    "ls-files",
    "-z",
    "--others",
    "--exclude-standard",
    "--",
    ...STAGED_FROM,
  ]);
  const differing = [...(await git.edited()), ...fieldsOf(added)];
  if (differing.length > 0) {
    throw refused(
      `The checkout is not its commit in ${counted(differing.length, "file")}: ${differing.slice(0, NAMED).join(", ")}${differing.length > NAMED ? ", …" : ""}.`,
      "Commit or take back the changes, or export from another clone.",
    );
  }
  const toolchain = toolchainOf(checkout, config.cacheDir);
  if (!existsSync(toolchain) || !realpathSync(process.execPath).startsWith(realpathSync(toolchain) + sep)) {
    throw refused(
      `This is ${process.execPath}, and a bundle is made by the pinned Node that it brings.`,
      "Run it by its launcher, without ELK_OS_NODE: bin/elk-os bundle export FILE.",
    );
  }
  const installed = join(checkout, "node_modules", ".package-lock.json");
  if (!existsSync(installed))
    throw refused(`${installed} is not there, so nothing says which packages are installed.`, "npm ci, then again.");
  return { commit: await git.head(), toolchain, installed: readFileSync(installed, "utf8") };
}

/** As the launcher names it (bin/launcher/toolchain.sh). */
function toolchainOf(checkout: string, cacheDir: string): string {
  const lock = readFileSync(join(checkout, "bin", "toolchain", "package-lock.json"));
  return join(cacheDir, `toolchain-${createHash("sha256").update(lock).digest("hex").slice(0, 16)}`);
}

function refused(message: string, hint: string): CliError {
  return new CliError("BUNDLE_REFUSED", { message: `${message} Nothing was written.`, hint });
}
