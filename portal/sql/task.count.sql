-- How many tasks per status under the filters. $1 phase, $2 agent, $3 family, $4 priority: text or null for all.
select t.status, count(*)::integer as tasks
from muster_read.tasks t
where ($1::text is null or t.phase = $1) and ($2::text is null or $2 in (t.agent, t.author))
  and ($3::text is null or $3 in (t.model_family, t.author_family)) and ($4::text is null or t.priority = $4)
group by t.status
