-- Every task in one narrow row, as a list of values in this order.
select json_agg(json_build_array(t.number, t.title, t.status, t.priority, t.risk, t.class, t.project, t.phase, t.agent, t.attempt,
  t.blocked_type, extract(epoch from t.updated_at)::bigint) order by t.number)::text as tasks
from muster_read.task_index t
