-- Tasks under every filter in any order, a page at a time. $1 status, $2 project, $3 phase, $4 class, $5 priority, $6 risk, $7 agent, $8 family,
-- $9 label, $10 words: text or null for all; $11 order: number, changed or priority; $12 int: how many; $13 int: how many to leave out.
select t.id
from muster_read.tasks t
where ($1::text is null or t.status = $1) and ($2::text is null or t.project = $2) and ($3::text is null or t.phase = $3)
  and ($4::text is null or t.class = $4) and ($5::text is null or t.priority = $5) and ($6::text is null or t.risk = $6)
  and ($7::text is null or t.id in (select w.task_id from muster_read.task_workers w where w.agent = $7))
  and ($8::text is null or t.id in (select w.task_id from muster_read.task_workers w where w.model_family = $8))
  and ($9::text is null or t.labels ? $9)
  and ($10::text is null or strpos(lower(t.title), lower($10)) > 0 or strpos(lower(coalesce(t.description, '')), lower($10)) > 0)
order by case when $11::text = 'changed' then t.updated_at end desc, case when $11 = 'priority' then t.priority end, t.number desc
limit $12 offset $13
