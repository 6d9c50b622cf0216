-- Tasks that wait for others or are waited for. $1 boolean: verified and cancelled ones too; $2 phase: text or null for all; $3 int: how many.
select t.number, t.title, t.status, t.priority, t.phase, t.agent, t.blocked_type
from muster_read.tasks t
where (t.dependencies > 0 or t.dependents > 0) and ($1 or t.status not in ('done', 'cancelled')) and ($2::text is null or t.phase = $2)
order by t.priority, t.number
limit $3
