-- Events, newest first, a page at a time. $1 entity, $2 kind, $3 actor: text or null for all; $4 task: int or null for all;
-- $5 bigint: only events with a smaller id, or null; $6 int: how many.
select e.id, e.entity, e.kind, e.actor_name, e.epoch, e.task, e.task_title, e.from_status, e.to_status, e.changed, e.at, e.origin, e.hash,
  e.version
from muster_read.events e
where ($1::text is null or e.entity = $1) and ($2::text is null or e.kind = $2) and ($3::text is null or e.actor_name = $3)
  and ($4::integer is null or e.task = $4) and ($5::bigint is null or e.id < $5)
order by e.id desc
limit $6
