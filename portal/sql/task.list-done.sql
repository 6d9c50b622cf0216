-- Newest verified tasks. $1 phase, $2 agent, $3 family, $4 priority: text or null for all; $5 int: how many.
-- Chosen first, read then: a column that is sorted past would be computed for every task.
select t.number, t.title, t.receipt, t.done_at
from (
  select c.id
  from muster_read.tasks c
  where c.status = 'done'
    and ($1::text is null or c.phase = $1) and ($2::text is null or $2 in (c.agent, c.author))
    and ($3::text is null or $3 in (c.model_family, c.author_family)) and ($4::text is null or c.priority = $4)
  order by c.done_at desc nulls last, c.number desc
  limit $5
) chosen
cross join lateral (select x.number, x.title, x.receipt, x.done_at from muster_read.tasks x where x.id = chosen.id limit 1) t
order by t.done_at desc nulls last, t.number desc
