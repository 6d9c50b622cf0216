-- Every claim of a task, newest first. $1 int: the task's number.
select c.epoch, c.attempt, c.kind, c.agent, c.model_family, c.claimed_at, c.ended_at, c.ended_by, c.outcome, c.tokens_in, c.tokens_out,
  c.cost_usd
from muster_read.claims c
where c.task = $1
order by c.epoch desc
