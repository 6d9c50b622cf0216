-- Who waits for whom, both ends visible. $1 boolean: also where either end is verified or cancelled; $2 int: how many.
select d.task, d.depends_on
from muster_read.dependencies d
join muster_read.tasks t on t.id = d.task_id
where $1 or (t.status not in ('done', 'cancelled') and d.depends_on_status not in ('done', 'cancelled'))
order by d.task, d.depends_on
limit $2
