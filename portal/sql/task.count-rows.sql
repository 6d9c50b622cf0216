-- How many tasks the list's filters leave, and how many there are. $1 to $10 as in task.list-rows.
select count(*)::integer as all_tasks, (count(*) filter (where
  ($1::text is null or t.status = $1) and ($2::text is null or t.project = $2) and ($3::text is null or t.phase = $3)
  and ($4::text is null or t.class = $4) and ($5::text is null or t.priority = $5) and ($6::text is null or t.risk = $6)
  and ($7::text is null or $7 in (t.agent, t.author)) and ($8::text is null or $8 in (t.model_family, t.author_family))
  and ($9::text is null or t.labels ? $9)
  and ($10::text is null or strpos(lower(t.title), lower($10)) > 0 or strpos(lower(coalesce(t.description, '')), lower($10)) > 0)
))::integer as matching
from muster_read.tasks t
