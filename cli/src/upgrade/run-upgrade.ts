import type { Progress } from "../drivers/driver.ts";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import type { BoardStanding, UpgradeRecord } from "./record.ts";

/** Everything that an upgrade does to the world, one act each. A run may die between any two, or within one; each may be done again. */
export interface UpgradeActs {
  save(record: UpgradeRecord): void;
  /** Commit that is checked out. */
  head(): Promise<string>;
  pull(record: UpgradeRecord): Promise<void>;
  /** The proven backup's id, and where the board stood before it was begun: what is written in between is then counted as lost, never forgotten. */
  backUp(): Promise<{ readonly backup: string; readonly before: BoardStanding }>;
  switchTo(ref: string): Promise<void>;
  /** Commit of a branch or tag, null when there is none any more. */
  find(ref: string): Promise<string | null>;
  /** Runs a verb of the release that is checked out, as a process of its own. Answers its exit code. */
  run(args: readonly string[]): Promise<number>;
}

/**
 * Goes on from the step that the record names to the end. Answers the record of an upgrade that is done.
 * @throws CliError UPGRADE_STOPPED before the board was touched; UPGRADE_ROLLED_BACK, ROLLBACK_FAILED; LOCK_HELD, INTERRUPTED: run it again
 */
export async function runUpgrade(begun: UpgradeRecord, acts: UpgradeActs, progress: Progress): Promise<UpgradeRecord> {
  let record = begun;
  const save = (change: Partial<UpgradeRecord>) => {
    record = { ...record, ...change };
    acts.save(record);
  };
  if (record.step === "pull") {
    await untouched(() => acts.pull(record));
    save({ step: "backup" });
  }
  if (record.step === "backup") save({ ...(await untouched(acts.backUp)), step: "switch" });
  if (record.step === "switch") {
    progress(`checking out ${record.to.version} (${record.to.commit.slice(0, 12)})`);
    await untouched(() => acts.switchTo(record.to.commit));
    save({ step: "up" });
  }
  if (record.step === "up") {
    const exit = await acts.run(["up"]);
    assertItRan(exit);
    save(
      exit === EXIT.ok
        ? { step: "done" }
        : { step: "rollback", why: `elk-os up of ${record.to.version} ended with ${exit}` },
    );
  }
  if (record.step === "rollback") await goBack(record, acts, progress);
  return record;
}

/** What the system or Postgres refuses here (a full disk, say) is no fault of elk-os, and has changed nothing that runs. */
async function untouched<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof CliError || !(cause instanceof Error) || !("code" in cause)) throw cause;
    throw new CliError("UPGRADE_STOPPED", {
      message: `${cause.message}. The release of before runs as before.`,
      hint: "Mend what is named, and elk-os upgrade goes on; elk-os rollback gives the upgrade up.",
      cause,
    });
  }
}

/** What another command or a signal kept from running says nothing of the release: the record stays, and the next run tries again. */
function assertItRan(exit: number): void {
  if (exit === EXIT.lockHeld) {
    throw new CliError("LOCK_HELD", {
      message: "Another elk-os is at work on this state folder, perhaps what an upgrade had begun when it was killed.",
      hint: "When it has ended: elk-os upgrade goes on.",
    });
  }
  if (exit !== EXIT.interrupted && exit !== EXIT.terminated) return;
  throw new CliError("INTERRUPTED", {
    message: "A step of the upgrade was stopped.",
    hint: "elk-os upgrade goes on; elk-os rollback goes back.",
  });
}

/** The release of before undoes it: only it knows its own schema. Always ends with an error that says which way it went. */
async function goBack(record: UpgradeRecord, acts: UpgradeActs, progress: Progress): Promise<never> {
  const { from, to, backup, why } = record;
  progress(`${why}; going back to ${from.version} (${from.commit.slice(0, 12)})`);
  const facts = { from, to, backup, why };
  const exit = await switchBack(record, acts).then(
    () => acts.run(["rollback", "--yes"]),
    (cause: unknown) => {
      throw new CliError("ROLLBACK_FAILED", {
        message: `The upgrade to ${to.version} failed (${why}), and ${from.version} could not be checked out again: ${cause instanceof Error ? cause.message : String(cause)}`,
        hint: "Mend what is named; then elk-os upgrade goes on with going back.",
        cause,
        facts,
      });
    },
  );
  assertItRan(exit);
  if (exit === EXIT.ok) {
    throw new CliError("UPGRADE_ROLLED_BACK", {
      message: `The upgrade to ${to.version} failed (${why}) and was undone: ${from.version} runs, its board is green.`,
      hint: "Read what failed above; elk-os logs shows the services' own words. Nothing needs to be done.",
      facts,
    });
  }
  throw new CliError("ROLLBACK_FAILED", {
    message: `The upgrade to ${to.version} failed (${why}), and going back ended with ${exit}.`,
    hint: `Checked out is ${from.version}. elk-os rollback --yes tries again; the board of before is backup ${backup ?? "(none: it was not changed)"}.`,
    facts: { ...facts, exit },
  });
}

/** To the branch it came from when that still names the same commit, else to the commit. */
export async function switchBack(
  { from }: UpgradeRecord,
  acts: Pick<UpgradeActs, "head" | "find" | "switchTo">,
): Promise<void> {
  if ((await acts.head()) === from.commit) return;
  await acts.switchTo((await acts.find(from.ref)) === from.commit ? from.ref : from.commit);
}
