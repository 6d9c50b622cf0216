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

/** Two releases that a stack can be sent to: one that gets green, and one on top of it that never does, because doctor knows no such table. */
interface ReleasePair {
  readonly sound: string;
  readonly red: string;
  /** Newest migration of the sound one. */
  readonly migration: number;
}

/** Of the `nth` pair, 1 at first: v0.2.0 and v0.3.0 with migrations 9000 and 9001, v0.4.0 and v0.5.0 with 9100 and 9101. */
export const pairOf = (nth: number): ReleasePair => ({
  sound: `v0.${2 * nth}.0`,
  red: `v0.${2 * nth + 1}.0`,
  migration: 8900 + 100 * nth,
});

/** On the sound one of the pair before. Its migration needs more room for a moment than a full disk of Postgres has. */
function soundRelease(nth: number): Release {
  const { sound, migration } = pairOf(nth);
  const statements = [
    `comment on schema muster is 'the law, edition ${nth + 1}';`,
    "create table muster.weight as select repeat('x', 1000) from generate_series(1, 8000);",
    "drop table muster.weight;",
  ];
  return {
    base: nth === 1 ? "base" : pairOf(nth - 1).sound,
    version: sound.slice(1),
    migrations: { [`${migration}-say-so.sql`]: `${statements.join("\n")}\n` },
  };
}

/** One migration more than the checkout, and green. */
export const SOUND_RELEASE = soundRelease(1);

/** Makes that many pairs. */
export function releasePairs(checkout: ReleasedCheckout, count: number): void {
  for (let nth = 1; nth <= count; nth += 1) {
    const { sound, red, migration } = pairOf(nth);
    checkout.release(sound, soundRelease(nth));
    checkout.release(red, {
      base: sound,
      version: red.slice(1),
      migrations: { [`${migration + 1}-make-surplus.sql`]: "create table muster.surplus (id int);\n" },
    });
  }
}

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
