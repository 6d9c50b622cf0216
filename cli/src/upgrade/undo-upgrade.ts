import type { UpgradeRecord } from "./record.ts";
import type { DataRollback } from "./roll-back.ts";
import { switchBack, type UpgradeActs } from "./run-upgrade.ts";

export interface UndoActs extends Pick<UpgradeActs, "save" | "head" | "find" | "switchTo" | "run"> {
  /** Puts back what a killed switch to that commit has begun. */
  takeBack(commit: string): Promise<void>;
  /** Puts the data back, in the name of the release that is checked out: the one of before. */
  putBack(record: UpgradeRecord): Promise<DataRollback>;
}

export type Undone =
  /** The checkout is the one of before, and the data fit it: its services are to be brought up. */
  | { readonly by: "this-release"; readonly record: UpgradeRecord; readonly data: DataRollback }
  /** All of it was done, with that exit code, by the release of before as a process of its own: this one has the newer code in memory. */
  | { readonly by: "other-release"; readonly exit: number };

/** Forgets an upgrade that has touched nothing. May be run again wherever it was killed. */
export function forgetUpgrade(
  record: UpgradeRecord,
  acts: { readonly dropRelease: () => void; readonly save: (record: UpgradeRecord) => void },
): void {
  acts.dropRelease();
  acts.save({ ...record, step: "rolled-back", why: "given up" });
}

/**
 * Undoes an upgrade wherever it stopped, or one that is done. May be run again wherever it was killed.
 * @throws CliError UPGRADE_STOPPED when an edit is in the way of the checkout of before
 */
export async function undoUpgrade(found: UpgradeRecord, acts: UndoActs): Promise<Undone> {
  const record: UpgradeRecord = { ...found, step: "rollback", why: found.why ?? "elk-os rollback" };
  if (found.step === "switch") await acts.takeBack(found.to.commit);
  acts.save(record);
  if ((await acts.head()) !== record.from.commit) {
    await switchBack(record, acts);
    return { by: "other-release", exit: await acts.run(["rollback", "--yes"]) };
  }
  return { by: "this-release", record, data: await acts.putBack(record) };
}
