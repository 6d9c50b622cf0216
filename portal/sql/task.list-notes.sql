-- Notes on a task, newest first. $1 int: the task's number; $2 int: how many; $3 int: how many newer ones are left out.
select n.id, n.agent, n.kind, n.body, n.created_at
from muster_read.notes n
where n.task = $1
order by n.created_at desc, n.id
limit $2 offset $3
