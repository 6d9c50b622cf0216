-- What events can be filtered by, with how many events have it.
with same as (
  select e.entity, e.kind, e.actor_name, count(*)::integer as events from muster_read.event_index e group by e.entity, e.kind, e.actor_name
)
select f.facet, f.value, sum(s.events)::integer as events
from same s
cross join lateral (values ('entity', s.entity), ('kind', s.kind), ('actor', s.actor_name)) f (facet, value)
where f.value is not null
group by f.facet, f.value
order by f.facet, f.value
