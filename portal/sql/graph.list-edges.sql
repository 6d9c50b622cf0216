-- Who waits for whom among these tasks. $1 int[]: their numbers; $2 int: how many.
select d.task, d.depends_on
from muster_read.dependencies d
where d.task = any($1::integer[]) and d.depends_on = any($1::integer[])
order by d.task, d.depends_on
limit $2
