-- Every value that tasks can be filtered by, with how many tasks have it. Who holds a task, or worked on it last, is read from the claims:
-- they are fewer than the tasks of a large board, and asked of each task they would be looked up for every one.
with same as (
  select t.status, t.project, t.phase, t.class, t.priority, t.risk, count(*)::integer as tasks
  from muster_read.tasks t
  group by t.status, t.project, t.phase, t.class, t.priority, t.risk
), workers as (
  select coalesce(l.agent, w.agent) as agent, coalesce(l.model_family, w.model_family) as family
  from (
    select distinct on (c.task_id) c.task_id, c.agent, c.model_family
    from muster_read.claims c
    where c.kind = 'work'
    order by c.task_id, c.epoch desc
  ) w
  full join muster_read.leases l on l.task_id = w.task_id
)
select f.facet, f.value, sum(s.tasks)::integer as tasks
from same s
cross join lateral (
  values ('status', s.status), ('project', s.project), ('phase', s.phase), ('class', s.class), ('priority', s.priority), ('risk', s.risk)
) f (facet, value)
where f.value is not null
group by f.facet, f.value
union all
select f.facet, f.value, count(*)::integer
from workers w
cross join lateral (values ('agent', w.agent), ('family', w.family)) f (facet, value)
where f.value is not null
group by f.facet, f.value
union all
select 'label', l.value, count(*)::integer
from muster_read.tasks t
cross join lateral jsonb_array_elements_text(case when jsonb_typeof(t.labels) = 'array' then t.labels else '[]' end) l (value)
group by l.value
order by facet, value
