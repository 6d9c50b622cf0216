import type { Activity } from "../../idle/judge-idle.ts";
import { readActivity } from "../../idle/read-activity.ts";
import { stackMemory, sumOfParts } from "../../stack/memory-use.ts";
import { type Check, type Finding, fail, pass, skip } from "../check.ts";
import { containerFacts } from "../compose/containers.ts";

/** A start takes more than what it leaves behind, and the floors were measured a minute after it (bench/footprint). */
const SETTLED_MS = 120_000;

/** OPS-04. OPS-01 asks whether the machine can hold the stack; this, whether the stack is still as small as it was measured to be. */
export const residentAsMeasured: Check = {
  id: "OPS-04",
  title: "Resident memory of all containers keeps to the floor that was measured, at rest and at work",
  severity: "warning",
  drivers: { only: "compose", otherwise: "the floors are those of containers; OPS-01 holds processes to their budget" },
  dependsOn: ["OPS-01", "PG-03"],
  timeoutMs: 15_000,
  async probe(stack) {
    const { residentAtRestMb, residentAtWorkMb } = stack.config;
    const unsettled = findUnsettled(await containerFacts(stack), new Date());
    if (unsettled !== null) return skip(unsettled);
    const sum = sumOfParts(await stackMemory(stack));
    if (sum === null) return skip("the memory of the containers may not be looked at by this user");
    const mib = Math.round(sum.rssBytes / 1024 / 1024);
    return judgeResident(mib, isAtRest(await readActivity(stack)), { residentAtRestMb, residentAtWorkMb });
  },
  fix: {
    summary:
      "elk-os status shows who takes it; elk-os down, then elk-os up gives it back; ELK_OS_RESIDENT_AT_REST_MB and ELK_OS_RESIDENT_AT_WORK_MB state the floors for other settings of memory",
  },
};

/** Why it is too early to look; null: it is not. Pure. */
export function findUnsettled(
  containers: readonly { readonly service: string; readonly startedAt: string }[],
  now: Date,
): string | null {
  const young = containers.find(({ startedAt }) => now.getTime() - Date.parse(startedAt) < SETTLED_MS);
  return young === undefined
    ? null
    : `${young.service} started less than ${SETTLED_MS / 1000} s ago, and what a start takes is not given back yet`;
}

/** Since the oldest service started, nobody wrote: what work leaves in memory is not there yet. Pure. */
export function isAtRest({ leases, newestEvent, upSince }: Activity): boolean {
  return leases === 0 && (newestEvent === null || newestEvent < upSince);
}

/** By RSS in MiB, which counts a page once for each process that has it, as the floors were measured. Pure. */
export function judgeResident(
  mib: number,
  isResting: boolean,
  { residentAtRestMb, residentAtWorkMb }: { readonly residentAtRestMb: number; readonly residentAtWorkMb: number },
): Finding {
  const [floor, when] = isResting
    ? [residentAtRestMb, "at rest: nothing was written since the services started"]
    : [residentAtWorkMb, "at work"];
  const evidence = `${mib} of ${floor} MiB (RSS), ${when}`;
  return mib <= floor ? pass(evidence) : fail(evidence, { expected: `at most ${floor} MiB`, actual: `${mib} MiB` });
}
