-- Claims that have ended, newest end first. $1 ending as claim.count-ended names it, $2 agent: text or null for all; $3 int: how many;
-- $4 int: how many newer ones are left out.
select c.task, c.task_title, c.attempt, c.epoch, c.kind, c.agent, c.model_family, c.claimed_at, c.ended_at, c.ended_by, c.outcome,
  null::timestamptz as heartbeat_at, null::timestamptz as expires_at, null::integer as lease_seconds
from muster_read.claims c
where c.ended_at is not null and ($1::text is null or coalesce(c.outcome, c.ended_by) = $1) and ($2::text is null or c.agent = $2)
order by c.ended_at desc, c.task, c.epoch desc
limit $3 offset $4
