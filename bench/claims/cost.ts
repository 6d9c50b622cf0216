/** What one claim costs on the server: shared buffers, milliseconds, and the figures that no neighbour disturbs. */
import type pg from "pg";

/** One of the bench's agents that no pgbench client is: it claims for these figures alone. */
export const IDLE_AGENT = "00000000-0000-4000-8000-000000000229";
/** The agent of the first pgbench client: of CLIENTS, each has ended its share of the claims. */
export const BUSY_AGENT = "00000000-0000-4000-8000-000000000210";
const claimBy = (agent: string) => `select muster.claim_next('${agent}', 'bench')`;
const pickBy = (agent: string) => `select muster.pick_work(a.id, a.capabilities, null, null, null, 1)
  from public.os_agents a where a."user" = '${agent}'`;
/** The median of 9, after 7 that plan and load caches. */
const WARM_UP = 7;
const SAMPLES = 9;

export interface Cost {
  readonly buffers: number;
  readonly ms: number;
}

async function explain(client: pg.Client, query: string): Promise<Cost> {
  const { rows } = await client.query(`explain (analyze, buffers, format json) ${query}`);
  const [{ Plan: plan, "Execution Time": ms }] = rows[0]["QUERY PLAN"];
  return { buffers: Number(plan["Shared Hit Blocks"]) + Number(plan["Shared Read Blocks"]), ms: Number(ms) };
}

/** `after` runs behind each sample and is not measured. */
async function median(client: pg.Client, query: string, after: () => Promise<unknown>): Promise<Cost> {
  const seen: Cost[] = [];
  for (let index = 0; index < WARM_UP + SAMPLES; index += 1) {
    seen.push(await explain(client, query));
    await after();
  }
  const middle = (key: keyof Cost) =>
    seen
      .slice(WARM_UP)
      .map((cost) => cost[key])
      .sort((a, b) => a - b)[Math.floor(SAMPLES / 2)] ?? Number.NaN;
  return { buffers: middle("buffers"), ms: middle("ms") };
}

/**
 * `claim`: the whole of claim_next, with every row, index entry and foreign key that it writes. `pick`: the search for the task alone.
 * Each claim is submitted before the next, so that the agent never holds more than one.
 */
export async function costOfClaim(
  client: pg.Client,
  agent = IDLE_AGENT,
): Promise<{ readonly claim: Cost; readonly pick: Cost }> {
  const submitHeld = () =>
    client.query(
      `select muster.submit(l.holder, l.task::text, l.epoch, '{"commit":"3f9c1e2"}') from muster.leases l where l.holder = '${agent}'`,
    );
  return {
    claim: await median(client, claimBy(agent), submitHeld),
    pick: await median(client, pickBy(agent), async () => undefined),
  };
}
