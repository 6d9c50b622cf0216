import type { UpgradePlan } from "./plan-upgrade.ts";
import type { UpgradeRecord } from "./record.ts";

/** The record of an upgrade of which nothing is done. Pure. */
export function beginRecord({ from, to }: Pick<UpgradePlan, "from" | "to">, now: Date): UpgradeRecord {
  return {
    schema: "muster.upgrade/1",
    step: "pull",
    from,
    to,
    startedAt: now.toISOString(),
    backup: null,
    before: null,
    why: null,
    undo: null,
  };
}

/** Neither the checkout nor the board can be another one than before: giving it up is to forget it. Pure. */
export function hasTouchedNothing({ step }: UpgradeRecord): boolean {
  return step === "pull" || step === "backup";
}
