import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../host/run.ts";
import type { SecretName } from "../../state/secrets.ts";
import { type Check, fail, pass, skip } from "../check.ts";

/** Tracked files larger than this are images and locks, where no secret of ours can have been pasted. */
const LARGEST_BYTES = 4 * 1024 * 1024;

/** SEC-05. */
export const filesKeepSecrets: Check = {
  id: "SEC-05",
  title: "No secret is in git, in the wired client files, in the journal or in a log",
  severity: "error",
  dependsOn: ["HOST-06"],
  timeoutMs: 20_000,
  async probe({ checkout, paths, secrets }, signal) {
    const values = secrets.names().map((name) => ({ name, value: secrets.read(name as SecretName).reveal() }));
    const tracked = await trackedFiles(checkout, signal);
    const written = [paths.journal, paths.config, ...filesBelow(paths.logs), ...filesBelow(paths.wire)];
    for (const path of [...tracked, ...written]) {
      if (!existsSync(path) || statSync(path).size > LARGEST_BYTES) continue;
      const text = readFileSync(path, "utf8");
      const leak = values.find(({ value }) => text.includes(value));
      if (leak !== undefined) return fail(`${path} holds secrets/${leak.name}`);
    }
    if (tracked.length === 0 && written.length === 0) return skip("there is nothing to look at yet");
    return pass(
      `${tracked.length} tracked files and ${written.length} written files, searched for ${values.length} secrets`,
    );
  },
  fix: { summary: "rotate the secret, and take it out of the file (and of git's history)" },
};

/** Absolute paths of what git tracks; none where the checkout is no git folder or git is not installed. */
async function trackedFiles(checkout: string, signal: AbortSignal): Promise<readonly string[]> {
  if (!existsSync(join(checkout, ".git"))) return [];
  try {
    const { stdout } = await runCommand(["git", "-c", `safe.directory=${checkout}`, "-C", checkout, "ls-files", "-z"], {
      purpose: "git could not list its files",
      timeoutMs: 10_000,
      signal,
    });
    return stdout
      .split("\0")
      .filter((name) => name !== "")
      .map((name) => join(checkout, name));
  } catch {
    // Without git nothing is tracked from this machine, and the written files are still searched.
    signal.throwIfAborted();
    return [];
  }
}

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
