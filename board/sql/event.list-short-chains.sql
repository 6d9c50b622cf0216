-- Rows that are further than their chain of events: tasks by their version, receipts by being there at all, and the other way round.
select 'os_tasks' as entity, t.id::text as entity_id, '#' || t.number as name, t.version as wanted, coalesce(h.version, 0) as chained
from public.os_tasks t
left join lateral (
  select max(e.version) as version from public.os_events e where e.entity = 'os_tasks' and e.entity_id = t.id
) h on true
where h.version is distinct from t.version
union all
select 'os_receipts', r.id::text, 'r-' || r.number, 1, 0
from public.os_receipts r
where not exists (select from public.os_events e where e.entity = 'os_receipts' and e.entity_id = r.id)
order by 1, 2
limit 100
