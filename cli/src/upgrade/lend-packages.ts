import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CliError } from "../errors/cli-error.ts";
import { runCommand } from "../host/run.ts";

const LINK_TIMEOUT_MS = 120_000;
/** What the launcher writes last into node_modules, and in place: through a link it would change the one of this checkout. */
const PACKAGES_STAMP = ".elk-os-stamp";

const manifestSchema = z.object({ workspaces: z.array(z.string()).default([]) });

/**
 * Gives the checkout `to` the installed packages of `from`, where it has the same workspaces. Hard links cost a second and no room; the launcher there
 * adopts them when they are what its lock says, and else puts others in their place. Where the file system has no such links, it installs all of them.
 */
export async function lendPackages(from: string, to: string, signal: AbortSignal): Promise<void> {
  const { workspaces } = manifestSchema.parse(JSON.parse(readFileSync(join(from, "package.json"), "utf8")));
  // npm keeps beside a workspace what it alone needs in another version than the rest.
  const owners = ["", ...workspaces].filter(
    (owner) => existsSync(join(from, owner, "node_modules")) && existsSync(join(to, owner)),
  );
  try {
    for (const owner of owners) {
      const purpose = "Packages could not be linked";
      const argv = ["cp", "-al", join(from, owner, "node_modules"), join(to, owner, "node_modules")] as const;
      await runCommand(argv, { purpose, timeoutMs: LINK_TIMEOUT_MS, signal });
    }
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    for (const owner of owners) rmSync(join(to, owner, "node_modules"), { recursive: true, force: true });
  }
  rmSync(join(to, "node_modules", PACKAGES_STAMP), { force: true });
}
