/** Every claim: the held ones by risk, the ended ones by when. */
import { z } from "zod";
import { type FacetValue, readFacets } from "./board.ts";
import { type InstanceTotals, readInstance } from "./instance.ts";
import { type ClaimCounts, type Lease, readClaimCounts, readLeases } from "./leases.ts";
import { readSnapshot } from "./snapshot.ts";
import { ClaimRow, type TimelineClaim } from "./timeline.ts";

const EndingRow = z.object({ ending: z.string(), claims: z.int() });
export type Ending = z.infer<typeof EndingRow>;

export interface ClaimsFacts {
  readonly instance: InstanceTotals;
  /** Held ones, of the agent asked for. */
  readonly held: ClaimCounts;
  readonly leases: readonly Lease[];
  readonly ended: readonly TimelineClaim[];
  readonly endings: readonly Ending[];
  readonly facets: readonly FacetValue[];
}

const ENDED_LIMIT = 200;
/** Held ones. */
const HELD_LIMIT = 2_000;

/** `ending`: an outcome or how a claim ended; null: all. */
export function readClaims(ending: string | null, agent: string | null): Promise<ClaimsFacts> {
  return readSnapshot(async (snapshot) => {
    const instance = await readInstance(snapshot);
    const leases = await readLeases(snapshot, instance.server_now, HELD_LIMIT);
    const ended = await snapshot.list("claim.list-ended", ClaimRow, [ending, agent, ENDED_LIMIT]);
    return {
      instance,
      held: await readClaimCounts(snapshot, instance.server_now, agent),
      leases: agent === null ? leases : leases.filter((lease) => lease.agent === agent),
      ended: ended.map((row) => ({ ...row, ember: null })),
      endings: await snapshot.list("claim.count-ended", EndingRow, [agent]),
      facets: await readFacets(snapshot),
    };
  });
}
