-- What claims have cost, thrown away or not. One row.
select count(*)::integer as claims, coalesce(sum(c.tokens_in + c.tokens_out), 0)::bigint as tokens, coalesce(sum(c.cost_usd), 0) as usd,
  coalesce(sum(c.tokens_in + c.tokens_out) filter (where c.outcome in ('discarded', 'duplicate', 'superseded', 'expired')), 0)::bigint
    as tokens_discarded,
  coalesce(sum(c.cost_usd) filter (where c.outcome in ('discarded', 'duplicate', 'superseded', 'expired')), 0) as usd_discarded,
  (count(*) filter (where c.ended_at is not null and c.cost_usd is null))::integer as uncounted
from muster_read.claims c
