-- How many tasks wait for a person, and since when the one that waits longest: one row.
select count(*)::integer as tasks, min(t.updated_at) as oldest_at
from muster_read.tasks t
where t.status = 'blocked' and t.blocked_type in ('needs_human', 'quarantined', 'capability')
