-- How many tasks the list's filters leave. $1 to $10 as in task.choose-ordered-rows. Where no filter asks for more than the groups tell apart
-- they are counted together instead.
select count(*)::integer as tasks
from muster_read.tasks t
where ($1::text is null or t.status = $1) and ($2::text is null or t.project = $2) and ($3::text is null or t.phase = $3)
  and ($4::text is null or t.class = $4) and ($5::text is null or t.priority = $5) and ($6::text is null or t.risk = $6)
  and ($7::text is null or t.id in (select w.task_id from muster_read.task_workers w where w.agent = $7))
  and ($8::text is null or t.id in (select w.task_id from muster_read.task_workers w where w.model_family = $8))
  and ($9::text is null or t.labels ? $9)
  and ($10::text is null or strpos(lower(t.title), lower($10)) > 0 or strpos(lower(coalesce(t.description, '')), lower($10)) > 0)
