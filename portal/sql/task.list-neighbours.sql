-- What a task waits for, and what waits for it. $1 int: its number.
select 'waits_on' as side, d.depends_on as number, d.depends_on_title as title, d.depends_on_status as status
from muster_read.dependencies d
where d.task = $1
union all
select 'unblocks', d.task, t.title, t.status
from muster_read.dependencies d
join muster_read.tasks t on t.id = d.task_id
where d.depends_on = $1
order by side desc, number
