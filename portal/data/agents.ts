import { z } from "zod";
import { type InstanceTotals, readInstance } from "./instance.ts";
import { type ClaimCounts, type Lease, readClaimCounts, readLeases } from "./leases.ts";
import { BigCount, Instant, readSnapshot, TextList } from "./snapshot.ts";

const AgentRow = z.object({
  name: z.string(),
  title: z.string().nullable(),
  model_family: z.string(),
  model: z.string().nullable(),
  status: z.string(),
  capabilities: TextList,
  max_wip: z.int(),
  last_seen_at: Instant.nullable(),
  live_leases: z.int(),
  tasks_submitted: z.int(),
  tasks_accepted: z.int(),
  tasks_reworked: z.int(),
  verdicts: z.int(),
  /** Null: not for strangers. */
  tokens_in: BigCount.nullable(),
  tokens_out: BigCount.nullable(),
  cost_usd: BigCount.nullable(),
});
export type Agent = z.infer<typeof AgentRow> & { readonly leases: readonly Lease[] };

export interface FleetFacts {
  readonly instance: InstanceTotals;
  readonly held: ClaimCounts;
  readonly agents: readonly Agent[];
}

/** No agent may look idle because others hold more: all that a board of this size holds. */
const LEASE_LIMIT = 10_000;

/** Active agents first, by name, each with the claims it holds. */
export function readFleet(): Promise<FleetFacts> {
  return readSnapshot(async (snapshot) => {
    const instance = await readInstance(snapshot);
    const leases = await readLeases(snapshot, instance.server_now, LEASE_LIMIT);
    const agents = await snapshot.list("agent.list", AgentRow);
    return {
      instance,
      held: await readClaimCounts(snapshot, instance.server_now),
      agents: agents.map((agent) => ({ ...agent, leases: leases.filter((lease) => lease.agent === agent.name) })),
    };
  });
}
