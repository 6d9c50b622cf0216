-- Events, newest first, a page at a time. $1 entity, $2 kind, $3 actor: text or null for all; $4 task: int or null for all;
-- $5 bigint: only events with a smaller id, or null; $6 int: how many.
-- Chosen first, read then. Only the events of one task are looked for among all that they tell.
select e.id, e.entity, e.kind, e.actor_name, e.epoch, e.task, e.task_title, e.from_status, e.to_status, e.changed, e.at, e.origin, e.hash,
  e.version
from (
  (select i.id
  from muster_read.event_index i
  where $4::integer is null
    and ($1::text is null or i.entity = $1) and ($2::text is null or i.kind = $2) and ($3::text is null or i.actor_name = $3)
    and ($5::bigint is null or i.id < $5)
  order by i.id desc
  limit $6)
  union all
  (select x.id
  from muster_read.events x
  where x.task = $4
    and ($1::text is null or x.entity = $1) and ($2::text is null or x.kind = $2) and ($3::text is null or x.actor_name = $3)
    and ($5::bigint is null or x.id < $5)
  order by x.id desc
  limit $6)
) chosen
cross join lateral (select x.* from muster_read.events x where x.id = chosen.id limit 1) e
order by e.id desc
