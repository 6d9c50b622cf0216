-- A page that asked for a count or for twelve tasks had everything computed that the view can tell of every task: who wrote it, who judged
-- it, what it waits for. A scalar subquery is left out where nobody asks for its column; a lateral join with a limit never is.

create or replace view muster_read.tasks with (security_barrier) as
select t.id, t.number, '#' || t.number as ref, t.project as project_id, p.key as project, p.name as project_name, t.phase as phase_id,
  h.key as phase, h.name as phase_name, t.title, t.description, t.class, t.status, t.priority, t.risk, t.acceptance,
  t.required_capabilities, t.paths, t.labels, t.attempt, t.max_attempts, t.version, t.claim_epoch,
  l.agent as agent_id, a.name as agent, a.model_family,
  l.kind as lease_kind, l.session as lease_session, l.granted_at as lease_granted_at, l.heartbeat_at as lease_heartbeat_at,
  l.expires_at as lease_expires_at, t.lease_seconds,
  (select c.agent from public.os_claims c where c.task = t.id and c.kind = 'work' order by c.epoch desc limit 1) as author_id,
  (select n.name from public.os_claims c left join public.os_agents n on n.id = c.agent
    where c.task = t.id and c.kind = 'work' order by c.epoch desc limit 1) as author,
  (select c.model_family from public.os_claims c where c.task = t.id and c.kind = 'work' order by c.epoch desc limit 1) as author_family,
  t.submitted_commit, t.submitted_artifact, t.submitted_at,
  case when t.verified_at is not null then coalesce((
    select n.name from public.os_verifications x left join public.os_agents n on n.id = x.agent
      where x.task = t.id and x.verdict = 'pass' order by x.date_created desc, x.epoch desc limit 1), 'steward') end as verifier,
  case when t.verified_at is not null then (
    select x.model_family from public.os_verifications x
      where x.task = t.id and x.verdict = 'pass' order by x.date_created desc, x.epoch desc limit 1) end as verifier_family,
  t.verified_at,
  t.blocked_type, t.blocked_reason, t.blocked_owner, t.blocked_action, t.blocked_until, t.closing_note, t.status_reason,
  (select count(*)::integer from public.os_claims c where c.task = t.id) as claims,
  (select count(*)::integer from public.os_notes n where n.task = t.id) as notes,
  (select count(*)::integer from public.os_verifications x where x.task = t.id) as verifications,
  (select count(*)::integer from public.os_task_dependencies e join public.os_tasks o on o.id = e.depends_on where e.task = t.id) as dependencies,
  (select count(*)::integer from public.os_task_dependencies e join public.os_tasks o on o.id = e.depends_on
    where e.task = t.id and o.status <> 'done') as open_dependencies,
  (select count(*)::integer from public.os_task_dependencies x where x.depends_on = t.id) as dependents,
  (select max(r.number) from public.os_receipts r where r.task = t.id) as receipt,
  t.date_created as created_at, coalesce(t.date_updated, t.date_created) as updated_at, t.done_at, t.origin, t.sort
from public.os_tasks t
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_phases h on h.id = t.phase
left join muster.leases l on l.task = t.id
left join public.os_agents a on a.id = l.agent;

-- Every event that may be seen, for the views below: without a barrier of its own, so that each of them can read the trail in its order.
-- The same rows as muster_read.events; what is hidden is looked up in a hash by a filter, not joined to each event.
create view muster_read.visible_events as
select e.id, e.xid, e.at, e.entity, e.entity_id, e.kind, e.actor_name
from public.os_events e
where e.entity <> 'os_contacts'
  and (e.entity <> 'os_task_dependencies' or coalesce(e.after ->> 'task', e.before ->> 'task') is not null
    or exists (select from public.os_task_dependencies d where d.id = e.entity_id))
  -- Of a dependency that is gone the trail alone knows whose it was.
  and case when e.entity = 'os_task_dependencies' then coalesce((e.after ->> 'task')::uuid, (e.before ->> 'task')::uuid, e.entity_id)
    else e.entity_id end not in (select h.id from muster.hidden_rows() h);

-- What a list of events is chosen by, beside where and when each happened: the rest is read of those that are shown.
create or replace view muster_read.event_index with (security_barrier) as
select e.id, e.xid, e.at, e.entity, e.kind, e.actor_name from muster_read.visible_events e;

-- The newest 2,000 of them, read from the end of the trail: a page that shows what happened last takes no longer on a long one.
create view muster_read.newest_events with (security_barrier) as
select e.id, e.xid, e.at, e.entity, e.kind, e.actor_name from muster_read.visible_events e order by e.id desc limit 2000;

grant select on muster_read.visible_events, muster_read.newest_events to muster_portal, muster_rag;

-- The newest event is found at the end of the trail, not among all of them; and all but those of dependencies are counted by their keys.
create or replace view muster_read.instance with (security_barrier) as
select i.instance_id, i.incarnation, s.name as profile, s.content_hash as profile_hash, s.applied_at as seeded_at,
  c.tasks, c.tasks_open, c.tasks_done, c.tasks_blocked, c.tasks_in_review,
  (select count(*)::integer from public.os_agents) as agents,
  (select count(*)::integer from muster_read.leases) as live_leases,
  (select count(*)::integer from muster_read.receipts) as receipts,
  (select count(*) from public.os_events e where e.entity not in ('os_contacts', 'os_task_dependencies')
      and e.entity_id not in (select h.id from muster.hidden_rows() h))
    + (select count(*) from muster_read.visible_events e where e.entity = 'os_task_dependencies') as events,
  -- What is imported is older in its own time than what is newest in the trail.
  (select max(e.at) from muster_read.newest_events e) as last_event_at, clock_timestamp() as server_now,
  (select e.xid from muster_read.visible_events e order by e.xid desc, e.id desc limit 1) as last_event_xid,
  (select e.id from muster_read.visible_events e order by e.xid desc, e.id desc limit 1) as last_event_id,
  (select b.hash from public.os_events b
    where b.id = (select e.id from muster_read.visible_events e order by e.xid desc, e.id desc limit 1)) as last_event_hash
from muster.instance i
left join lateral (select * from muster.seeds y where strpos(y.name, '/') = 0 order by y.applied_at desc, y.name limit 1) s on true
left join (
  select count(*)::integer as tasks,
    count(*) filter (where t.status not in ('done', 'cancelled'))::integer as tasks_open,
    count(*) filter (where t.status = 'done')::integer as tasks_done,
    count(*) filter (where t.status = 'blocked')::integer as tasks_blocked,
    count(*) filter (where t.status = 'in_review')::integer as tasks_in_review
  from public.os_tasks t join public.os_projects p on p.id = t.project and p.visibility = 'public'
) c on true;
