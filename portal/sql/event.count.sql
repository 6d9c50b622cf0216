-- How many events the filters leave, and how many may be seen at all. $1 entity, $2 kind, $3 actor: text or null for all; $4 task: int or null for all.
select a.all_events, case when $4::integer is null then a.matching else t.matching end as matching
from (
  select count(*) as all_events, count(*) filter (where
    ($1::text is null or e.entity = $1) and ($2::text is null or e.kind = $2) and ($3::text is null or e.actor_name = $3)) as matching
  from muster_read.event_index e
) a
cross join (
  select count(*) as matching
  from muster_read.events e
  where e.task = $4 and ($1::text is null or e.entity = $1) and ($2::text is null or e.kind = $2) and ($3::text is null or e.actor_name = $3)
) t
