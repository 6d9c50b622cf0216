-- Who holds tasks or worked on them last, and what labels they have, with how many tasks each: what the groups do not tell apart.
-- A task counts for who holds it, else for who worked on it last.
with worked as (
  select coalesce(max(w.agent) filter (where w.is_holder), max(w.agent) filter (where not w.is_holder)) as agent,
    coalesce(max(w.model_family) filter (where w.is_holder), max(w.model_family) filter (where not w.is_holder)) as model_family
  from muster_read.task_workers w
  group by w.task_id
)
select f.facet, f.value, count(*)::integer as tasks
from worked w
cross join lateral (values ('agent', w.agent), ('family', w.model_family)) f (facet, value)
where f.value is not null
group by f.facet, f.value
union all
select 'label', l.label, count(*)::integer from muster_read.task_labels l group by l.label
order by facet, value
