-- Phases of active projects, in building order.
select h.project, p.name as project_name, h.key, h.name, h.status, h.verified_at
from muster_read.phases h
join muster_read.projects p on p.id = h.project_id
where p.status = 'active'
order by p.sort nulls last, p.key, h.sort nulls last, h.key
