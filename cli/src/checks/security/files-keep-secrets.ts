import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { counted } from "../../output/counted.ts";
import { type Check, fail, pass, skip } from "../check.ts";
import { findInFile, namedSecrets } from "./find-secret.ts";
import { findInGit, trackedFiles, wouldBeAdded } from "./git-secrets.ts";

/** SEC-05. */
export const filesKeepSecrets: Check = {
  id: "SEC-05",
  title: "No secret is in git, in the wired client files, in the journal or in a log, and git ignores the state folder",
  severity: "error",
  dependsOn: ["HOST-06"],
  timeoutMs: 60_000,
  async probe({ checkout, paths, secrets }, signal) {
    const values = namedSecrets(secrets);
    const place = { checkout, signal };
    const isRepository = existsSync(join(checkout, ".git"));
    const names = isRepository ? await trackedFiles(place) : null;
    const tracked = (names ?? []).map((name) => join(checkout, name));
    const written = [paths.journal, paths.config, ...filesBelow(paths.logs), ...filesBelow(paths.wire)];
    // Tracked and absent: deleted in the working tree.
    for (const path of [...tracked, ...written].filter((candidate) => existsSync(candidate))) {
      signal.throwIfAborted();
      const leak = await findInFile(path, values);
      if (leak !== null) return fail(`${path} holds secrets/${leak.name}`);
    }
    if (names !== null) {
      const kept = await findInGit(place, values);
      if (kept !== null) return fail(`git keeps a secret in ${kept}`);
      if (await wouldBeAdded(place, paths.root)) return fail(`${paths.root} is not ignored by git`);
    }
    if (tracked.length === 0 && written.every((path) => !existsSync(path)))
      return skip("there is nothing to look at yet");
    return pass(
      `${saysOfGit(isRepository, names)}, ${counted(written.length, "written file")}, searched whole for ${counted(values.length, "secret")}`,
    );
  },
  fix: { summary: "rotate the secret, and take it out of the file (and of git's history)" },
};

function saysOfGit(isRepository: boolean, names: readonly string[] | null): string {
  if (!isRepository) return "no git folder";
  if (names === null) return "git is not installed, so that neither its files nor its index and HEAD were looked at";
  return `${names.length} tracked files, git's index and HEAD`;
}

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
