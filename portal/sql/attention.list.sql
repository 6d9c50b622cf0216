-- Tasks that wait for a person, oldest first.
select t.number, t.title, t.blocked_type, t.blocked_reason, t.blocked_owner, t.blocked_action, t.attempt, t.max_attempts, t.updated_at
from muster_read.tasks t
where t.status = 'blocked' and t.blocked_type in ('needs_human', 'quarantined', 'capability')
order by t.updated_at, t.number
limit 50
