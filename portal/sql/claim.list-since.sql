-- Claims that were held at or after an instant, newest first, with the live lease where there is one.
-- $1 timestamptz; $2 phase: text or null for all; $3 int: how many.
select c.task, c.task_title, c.attempt, c.epoch, c.kind, c.agent, c.model_family, c.claimed_at, c.ended_at, c.ended_by, c.outcome,
  l.heartbeat_at, l.expires_at, l.lease_seconds
from muster_read.claims c
join muster_read.tasks t on t.id = c.task_id
left join muster_read.leases l on l.task_id = c.task_id and l.epoch = c.epoch
where coalesce(c.ended_at, 'infinity'::timestamptz) >= $1 and ($2::text is null or t.phase = $2)
order by c.claimed_at desc, c.task desc, c.epoch desc
limit $3
