import { type CampaignResult, READY_FLOOR_MS } from "../../test/support/rag-harm/kill-campaign.ts";
import type { RestartResult } from "../../test/support/rag-harm/restart-campaign.ts";

export type HarmPart = ({ readonly kind: "kill" } & CampaignResult) | ({ readonly kind: "restart" } & RestartResult);

/** Everything that must not be, in words. Pure. */
export function faultsOf(parts: readonly HarmPart[]): readonly string[] {
  return parts.flatMap((one) => {
    if (one.kind === "restart") return [...one.falseReds, ...one.badExits];
    const { slowerThan5s, readyMs } = one;
    const slow = `${slowerThan5s} starts took longer than ${READY_FLOOR_MS} ms until they were ready, up to ${readyMs.max} ms`;
    return slowerThan5s === 0 ? one.faults : [...one.faults, slow];
  });
}

/** What a campaign of kills is about and never happened in any of its parts: without it, no fault says nothing. Pure. */
export function unmeasuredOf(parts: readonly HarmPart[]): readonly string[] {
  const kills = parts.flatMap((one) => (one.kind === "kill" ? [one] : []));
  if (kills.length === 0) return [];
  const sum = (count: (one: CampaignResult) => number): number => kills.reduce((total, one) => total + count(one), 0);
  const wanted: readonly (readonly [string, (one: CampaignResult) => number])[] = [
    ["a kill in the middle of a write", ({ kills: of }) => of.write],
    ["a kill in the middle of a compaction", ({ kills: of }) => of.compaction],
    ["a kill in the middle of a swap", ({ kills: of }) => of.swap],
    ["a service that was caught at work", ({ caught }) => caught.draft + caught.unswapped + caught.tornLog],
    ["a write that was acknowledged", ({ acknowledged: of }) => of.lessons + of.entries],
    ["a file of the index that was harmed", ({ harmed }) => harmed],
    ["a kill on a full disk: root may mount a small one, and not in every container", ({ full }) => full?.rounds ?? 0],
    ["a task of the board beside it", ({ tasks }) => tasks ?? 0],
    ["a question while it healed", ({ healing }) => healing.asked],
  ];
  return wanted.filter(([, count]) => sum(count) === 0).map(([what]) => what);
}
