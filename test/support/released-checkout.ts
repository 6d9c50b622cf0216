/** A clone with releases of its own, for going from one to the other. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyCheckout } from "./copy-checkout.ts";

export interface ReleasedCheckout {
  readonly folder: string;
  /** As the owner of the clone. */
  git(...args: readonly string[]): string;
  /** Commits a release on top of `base` and tags it, then checks out what was before. */
  release(tag: string, release: Release): void;
}

interface Release {
  readonly base: string;
  readonly version: string;
  /** By file name in board/migrations. Default none. */
  readonly migrations?: Readonly<Record<string, string>>;
  /** Other files that it changes, by path in the checkout. Default none. */
  readonly files?: Readonly<Record<string, string>>;
}

/** One migration more than the checkout, and green. */
export const SOUND_RELEASE: Release = {
  base: "base",
  version: "0.2.0",
  migrations: { "9000-say-so.sql": "comment on schema muster is 'the law, second edition';\n" },
};
/** On top of that one, released as v0.2.0: doctor knows no such table, so that it never gets green. */
export const RED_RELEASE: Release = {
  base: "v0.2.0",
  version: "0.3.0",
  migrations: { "9001-make-surplus.sql": "create table muster.surplus (id int);\n" },
};

/** What releases of tests differ in. */
const RELEASED = ["board", "cli", "directus", "package.json"];

/** What git would commit here now, as the first commit of branch `main`, tagged `base`. */
export function makeReleasedCheckout(
  folder: string,
  owner: { readonly uid: number; readonly gid: number },
): ReleasedCheckout {
  copyCheckout(folder, owner);
  const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
  const settings = ["-c", `safe.directory=${folder}`, ...identity];
  const own = (...paths: readonly string[]) =>
    execFileSync("chown", ["-R", `${owner.uid}:${owner.gid}`, ...paths.map((path) => join(folder, path))]);
  const git = (...args: readonly string[]) => {
    const answer = execFileSync("git", ["-C", folder, ...settings, ...args], { encoding: "utf8" }).trim();
    // Root works here for an owner who must be able to go on.
    own(".git");
    return answer;
  };
  git("init", "--quiet", "--initial-branch=main");
  git("add", "--all");
  git("commit", "--quiet", "--message", "base");
  git("tag", "base");
  return {
    folder,
    git,
    release(tag, { base, version, migrations = {}, files = {} }) {
      const before = git("branch", "--show-current") || git("rev-parse", "HEAD");
      git("checkout", "--quiet", "--detach", base);
      edit(join(folder, "package.json"), (manifest) => ({ ...manifest, version }));
      edit(join(folder, "cli", "upgrades.json"), (gates) => ({
        ...gates,
        releases: [
          ...(gates["releases"] as readonly unknown[]),
          { version, from: "0.1.0", postgresMajor: 18, freeDiskMb: 1, manual: [] },
        ],
      }));
      for (const [name, sql] of Object.entries(migrations)) writeFileSync(join(folder, "board/migrations", name), sql);
      for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
      git("add", "--all");
      git("commit", "--quiet", "--message", tag);
      git("tag", tag);
      git("checkout", "--quiet", before);
      own(...RELEASED);
    },
  };
}

function edit(path: string, change: (value: Record<string, unknown>) => unknown): void {
  writeFileSync(path, `${JSON.stringify(change(JSON.parse(readFileSync(path, "utf8"))), null, 2)}\n`);
}
