-- Newest verified tasks, in the order of their view, which are looked at until there are enough of them. $1 phase, $2 priority: text or null for all; $3 int: how many.
select t.id
from muster_read.done_tasks t
where ($1::text is null or t.phase = $1) and ($2::text is null or t.priority = $2)
limit $3
