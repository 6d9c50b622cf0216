-- What was paid: rows of usage. Rows of private projects are left out, also those that name their project by a claim only.

create view muster_read.usage with (security_barrier) as
select u.id, u.kind, t.id as task_id, t.number as task, t.title as task_title, p.key as project, h.key as phase, a.name as agent,
  u.tokens_in, u.tokens_out, u.cost_usd, u.at, u.origin
from public.os_usage u
left join public.os_claims c on c.id = u.claim
left join public.os_tasks t on t.id = coalesce(u.task, c.task)
left join public.os_projects p on p.id = t.project
left join public.os_phases h on h.id = t.phase
left join public.os_agents a on a.id = u.agent
where p.id is null or p.visibility = 'public';

grant select on muster_read.usage to muster_portal, muster_rag;
