-- How many claims are held and how they look, as view/ember.ts tells them apart: one row.
-- $1 timestamptz: the page's instant; $2, $3 float: parts of a lease after the last heartbeat at which a claim cools and is cold;
-- $4 agent: text or null for all.
with held as (
  select l.kind, l.agent, case
    when l.expires_at <= $1::timestamptz then 'expired'
    when s.silent < l.lease_seconds * $2::float8 then 'fresh'
    when s.silent < l.lease_seconds * $3::float8 then 'cooling'
    else 'cold' end as state
  from muster_read.leases l
  cross join lateral (select greatest(0, round(extract(epoch from $1 - l.heartbeat_at))) as silent) s
  where $4::text is null or l.agent = $4
)
select count(*)::integer as held,
  (count(distinct coalesce(h.agent, 'a person')) filter (where h.state in ('fresh', 'cooling')))::integer as agents,
  (count(*) filter (where h.state in ('fresh', 'cooling') and h.kind = 'work'))::integer as on_tasks,
  (count(*) filter (where h.state in ('fresh', 'cooling') and h.kind = 'review'))::integer as on_reviews,
  (count(*) filter (where h.state = 'cooling'))::integer as cooling
from held h
