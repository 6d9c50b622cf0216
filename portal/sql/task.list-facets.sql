-- Every value that tasks can be filtered by, with how many tasks have it.
select f.facet, f.value, count(*)::integer as tasks
from muster_read.tasks t
cross join lateral (
  values ('status', t.status), ('project', t.project), ('phase', t.phase), ('class', t.class), ('priority', t.priority), ('risk', t.risk),
    ('agent', coalesce(t.agent, t.author)), ('family', coalesce(t.model_family, t.author_family))
) f (facet, value)
where f.value is not null
group by f.facet, f.value
union all
select 'label', l.value, count(*)::integer
from muster_read.tasks t
cross join lateral jsonb_array_elements_text(case when jsonb_typeof(t.labels) = 'array' then t.labels else '[]' end) l (value)
group by l.value
order by facet, value
