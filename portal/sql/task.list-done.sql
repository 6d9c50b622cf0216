-- Chosen verified tasks, newest first. $1 uuid[]: their ids.
select t.number, t.title, t.receipt, t.done_at
from unnest($1::uuid[]) c (id)
cross join lateral (select x.number, x.title, x.receipt, x.done_at from muster_read.tasks x where x.id = c.id limit 1) t
order by t.done_at desc nulls last, t.number desc
