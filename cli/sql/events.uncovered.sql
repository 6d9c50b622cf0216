-- Events older than $3 seconds that a checkpoint up to xid $1 and event $2 does not cover: how many, counted to 1000, and since when the first one is.
select count(*)::int as events, min(late.at) as oldest
from (
  select e.at from public.os_events e
  where (e.xid >= $1::xid8 or e.id > $2::bigint) and e.at < now() - make_interval(secs => $3)
  order by e.id limit 1000
) late
