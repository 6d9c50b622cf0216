-- Tasks under the filters that need no look at claims, newest number first, a page at a time. $1 status, $2 project, $3 phase, $4 class,
-- $5 priority, $6 risk, $7 label, $8 words: text or null for all; $9 int: how many; $10 int: how many to leave out.
select t.id
from muster_read.tasks_by_number t
where ($1::text is null or t.status = $1) and ($2::text is null or t.project = $2) and ($3::text is null or t.phase = $3)
  and ($4::text is null or t.class = $4) and ($5::text is null or t.priority = $5) and ($6::text is null or t.risk = $6)
  and ($7::text is null or t.labels ? $7)
  and ($8::text is null or strpos(lower(t.title), lower($8)) > 0 or strpos(lower(coalesce(t.description, '')), lower($8)) > 0)
order by t.number desc
limit $9 offset $10
