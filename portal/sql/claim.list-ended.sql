-- Claims that have ended, newest end first. $1 outcome or how it ended, $2 agent: text or null for all; $3 int: how many.
select c.task, c.task_title, c.attempt, c.epoch, c.kind, c.agent, c.model_family, c.claimed_at, c.ended_at, c.ended_by, c.outcome,
  null::timestamptz as heartbeat_at, null::timestamptz as expires_at, null::integer as lease_seconds
from muster_read.claims c
where c.ended_at is not null and ($1::text is null or $1 in (c.ended_by, c.outcome)) and ($2::text is null or c.agent = $2)
order by c.ended_at desc, c.task, c.epoch desc
limit $3
