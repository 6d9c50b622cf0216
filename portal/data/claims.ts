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
  /** Of one page. */
  readonly ended: readonly TimelineClaim[];
  readonly endings: readonly Ending[];
  readonly facets: readonly FacetValue[];
}

export const ENDED_PAGE = 200;
/** Held ones. */
const HELD_LIMIT = 2_000;

/** `ending`: an outcome, or how a claim without one ended; null: all. @param page of those that ended, from 1 */
export function readClaims(ending: string | null, agent: string | null, page = 1): Promise<ClaimsFacts> {
  return readSnapshot(async (snapshot) => {
    const instance = await readInstance(snapshot);
    const leases = await readLeases(snapshot, instance.server_now, HELD_LIMIT);
    const skipped = (page - 1) * ENDED_PAGE;
    const ended = await snapshot.list("claim.list-ended", ClaimRow, [ending, agent, ENDED_PAGE, skipped]);
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
