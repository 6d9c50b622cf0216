import { statfsSync } from "node:fs";
import { WANTED_MAJOR } from "../checks/postgres/server.ts";
import { CliError } from "../errors/cli-error.ts";
import type { Stack } from "../stack/stack.ts";
import { readBoardSize } from "./board-standing.ts";
import { compareVersions, type Gate, readGate } from "./gate.ts";
import type { Checkout } from "./git-checkout.ts";
import type { UpgradeRecord } from "./record.ts";

const GATE = "cli/upgrades.json";
const MIGRATIONS = "board/migrations";
/** What pins the packages of elk-os and its services, those of Directus, and Node with npm. */
const LOCKS = ["package-lock.json", "directus/runtime", "bin/toolchain"];
/** The backup, the scratch board that proves it, and the board that a rollback loads beside the live one. */
const COPIES_OF_BOARD = 3;
const SHOWN_FILES = 5;

export interface UpgradePlan {
  readonly from: UpgradeRecord["from"];
  readonly to: UpgradeRecord["to"];
  /** Files that the target adds to the schema. */
  readonly migrations: readonly string[];
  /** Services whose identity names the commit start again in any case; Postgres only when its own settings changed. */
  readonly restarts: readonly string[];
  /** Does the target run other packages? They are had before anything is stopped. */
  readonly changesPackages: boolean;
  readonly manual: readonly string[];
}

/** What decides whether a release can be gone to. */
export interface UpgradeFacts {
  /** The board is in a Postgres that elk-os does not run, and so cannot put back. */
  readonly isElsewhere: boolean;
  readonly from: string;
  readonly to: string;
  readonly gate: Gate | { readonly problem: string };
  /** Lines of `git diff --name-status` below board/migrations. */
  readonly migrations: readonly string[];
  readonly edited: readonly string[];
  readonly inTheWay: readonly string[];
  readonly freeBytes: number;
  readonly boardBytes: number;
}

/**
 * What going to `ref` would do, or why it is not done; changes nothing. Null when it is checked out already.
 * @throws CliError UPGRADE_REFUSED with every reason at once
 */
export async function planUpgrade(stack: Stack, checkout: Checkout, ref: string | null): Promise<UpgradePlan | null> {
  const from = { commit: await checkout.head(), version: stack.version, ref: await checkout.ref() };
  const commit = await checkout.resolve(ref);
  if (commit === from.commit) return null;
  const to = { commit, version: await checkout.version(commit) };
  const gate = readGate(await checkout.show(commit, GATE), to.version);
  const migrations = await checkout.changes(from.commit, commit, MIGRATIONS);
  const { bavail, bsize } = statfsSync(stack.paths.root);
  const reasons = judgeUpgrade({
    isElsewhere: stack.config.databaseUrl !== undefined,
    from: from.version,
    to: to.version,
    gate,
    migrations,
    edited: await checkout.edited(),
    inTheWay: await checkout.inTheWay(commit),
    freeBytes: bavail * bsize,
    boardBytes: await readBoardSize(stack),
  });
  if (reasons.length > 0 || "problem" in gate) {
    throw new CliError("UPGRADE_REFUSED", {
      message: `${to.version} (${commit.slice(0, 12)}) cannot be reached from ${from.version} (${from.commit.slice(0, 12)}): ${reasons.join("; ")}.`,
      hint: "Nothing was changed. Mend what is named, or choose another release.",
      facts: { reasons },
    });
  }
  const locks = await Promise.all(LOCKS.map((path) => checkout.changes(from.commit, commit, path)));
  const settings = await checkout.changes(from.commit, commit, "cli/src/services/postgres.ts");
  return {
    from,
    to,
    migrations: migrations.map((line) => line.slice(`A ${MIGRATIONS}/`.length)),
    restarts: [...(settings.length === 0 ? [] : ["postgres"]), "directus", "rag", "portal"],
    changesPackages: locks.flat().length > 0,
    manual: gate.manual,
  };
}

/** Every reason against it, a clause each; empty when there is none. Pure. */
export function judgeUpgrade(facts: UpgradeFacts): readonly string[] {
  const { gate, edited, inTheWay } = facts;
  return [
    ...(facts.isElsewhere
      ? ["the board is in an external Postgres, which elk-os cannot put back (docs/external-postgres.md)"]
      : []),
    ...(compareVersions(facts.to, facts.from) < 0 ? ["it is older; elk-os rollback goes back"] : []),
    ...("problem" in gate ? [gate.problem] : gateReasons(gate, facts)),
    ...facts.migrations
      .filter((line) => !line.startsWith("A "))
      .map((line) => `it ${line.startsWith("D ") ? "lacks" : "changed"} ${line.slice(2)}, which this board stands on`),
    ...(edited.length === 0 ? [] : [`the checkout has uncommitted changes: ${listOf(edited)}`]),
    ...(inTheWay.length === 0 ? [] : [`it would overwrite what git does not have: ${listOf(inTheWay)}`]),
  ];
}

function gateReasons(gate: Gate, { from, freeBytes, boardBytes }: UpgradeFacts): readonly string[] {
  const mib = (bytes: number) => Math.floor(bytes / 1024 / 1024);
  const neededMb = gate.freeDiskMb + mib(COPIES_OF_BOARD * boardBytes);
  return [
    ...(compareVersions(from, gate.from) < 0 ? [`it asks for ${gate.from} or newer first`] : []),
    ...(gate.postgresMajor === WANTED_MAJOR
      ? []
      : [`it runs Postgres ${gate.postgresMajor}, this board ${WANTED_MAJOR}: restore a backup into a new instance`]),
    ...(mib(freeBytes) >= neededMb ? [] : [`it needs ${neededMb} MiB of free disk, there are ${mib(freeBytes)}`]),
  ];
}

function listOf(files: readonly string[]): string {
  const more = files.length - SHOWN_FILES;
  return `${files.slice(0, SHOWN_FILES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
