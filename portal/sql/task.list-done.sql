-- Newest verified tasks. $1 phase, $2 agent, $3 family, $4 priority: text or null for all; $5 int: how many.
select t.number, t.title, t.receipt, t.done_at
from muster_read.tasks t
where t.status = 'done'
  and ($1::text is null or t.phase = $1) and ($2::text is null or $2 in (t.agent, t.author))
  and ($3::text is null or $3 in (t.model_family, t.author_family)) and ($4::text is null or t.priority = $4)
order by t.done_at desc nulls last, t.number desc
limit $5
