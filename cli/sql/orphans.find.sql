-- Rows whose reference has no enforced foreign key, and points nowhere: live leases without a holder or a claim, open claims without a
-- lease, claims and tasks whose agent, user or task is gone, queued work that is none, events without their row.
-- Not looked at: who wrote a row or caused an event (user_created, user_updated, os_events.actor). A person's account may be deleted in
-- the Studio; the event keeps the name.
with things as (
  select 'os_agents' as entity, id from public.os_agents
  union all select 'os_claims', id from public.os_claims
  union all select 'os_contacts', id from public.os_contacts
  union all select 'os_notes', id from public.os_notes
  union all select 'os_organizations', id from public.os_organizations
  union all select 'os_phases', id from public.os_phases
  union all select 'os_projects', id from public.os_projects
  union all select 'os_prompts', id from public.os_prompts
  union all select 'os_receipts', id from public.os_receipts
  union all select 'os_releases', id from public.os_releases
  union all select 'os_repositories', id from public.os_repositories
  union all select 'os_reservations', id from public.os_reservations
  union all select 'os_sessions', id from public.os_sessions
  union all select 'os_task_dependencies', id from public.os_task_dependencies
  union all select 'os_tasks', id from public.os_tasks
  union all select 'os_usage', id from public.os_usage
  union all select 'os_verifications', id from public.os_verifications
)
select 'muster.leases.holder' as place, l.task::text as id from muster.leases l
  where l.holder is not null and not exists (select from public.directus_users u where u.id = l.holder)
union all
select 'muster.leases without an open claim', l.task::text from muster.leases l
  where not exists (select from public.os_claims c where c.task = l.task and c.epoch = l.epoch and c.ended_at is null)
union all
select 'os_claims open without a lease', c.id::text from public.os_claims c
  where c.ended_at is null and not exists (select from muster.leases l where l.task = c.task and l.epoch = c.epoch)
union all
select 'os_claims.task', c.id::text from public.os_claims c
  where not exists (select from public.os_tasks t where t.id = c.task)
union all
select 'os_claims.agent', c.id::text from public.os_claims c
  where c.agent is not null and not exists (select from public.os_agents a where a.id = c.agent)
union all
select 'os_claims.holder', c.id::text from public.os_claims c
  where c.holder is not null and not exists (select from public.directus_users u where u.id = c.holder)
union all
select 'os_tasks.assigned_to', t.id::text from public.os_tasks t
  where t.assigned_to is not null and not exists (select from public.directus_users u where u.id = t.assigned_to)
union all
select 'os_tasks.submitted_by', t.id::text from public.os_tasks t
  where t.submitted_by is not null and not exists (select from public.directus_users u where u.id = t.submitted_by)
union all
select 'muster.queue.task', q.task::text from muster.queue q
  where not exists (select from public.os_tasks t where t.id = q.task)
union all
select 'muster.queue.project', q.task::text from muster.queue q
  where not exists (select from public.os_projects p where p.id = q.project)
union all
-- What the law removed has an event that says so.
select 'os_events.entity_id of ' || e.entity, e.id::text from public.os_events e
  where not exists (select from things t where t.entity = e.entity and t.id = e.entity_id)
    and not exists (select from public.os_events r where r.entity = e.entity and r.entity_id = e.entity_id and r.kind = 'removed')
limit 20
