-- What events can be filtered by, with how many events have it.
select f.facet, f.value, count(*)::integer as events
from muster_read.events e
cross join lateral (values ('entity', e.entity), ('kind', e.kind), ('actor', e.actor_name)) f (facet, value)
where f.value is not null
group by f.facet, f.value
order by f.facet, f.value
