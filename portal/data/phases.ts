/** The trail: phases of active projects, and how fast tasks come and are verified. */
import { z } from "zod";
import { type BurnCount, PARTS } from "../view/burn.ts";
import { readGroups } from "./groups.ts";
import { type InstanceTotals, readInstance } from "./instance.ts";
import { type PhaseStep, readSteps } from "./phase-steps.ts";
import { Instant, readSnapshot } from "./snapshot.ts";

const BurnRow = z.object({
  part: z.int(),
  kind: z.enum(["created", "verified"]),
  tasks: z.int(),
  start_at: Instant,
  end_at: Instant,
});

export interface PhasesFacts {
  readonly instance: InstanceTotals;
  readonly phases: readonly PhaseStep[];
  readonly burn: readonly BurnCount[];
  /** Null on an empty board. */
  readonly span: { readonly from: Date; readonly to: Date } | null;
}

export function readPhases(): Promise<PhasesFacts> {
  return readSnapshot(async (snapshot) => {
    const burn = await snapshot.list("phase.burn", BurnRow, [PARTS]);
    const first = burn[0];
    return {
      instance: await readInstance(snapshot),
      phases: await readSteps(snapshot, await readGroups(snapshot)),
      burn,
      span: first === undefined ? null : { from: first.start_at, to: first.end_at },
    };
  });
}
