-- What portal and search may see. Views run with their owner's rights, so that readers need no grant on any table.
-- Rows of private projects are in none of them; contacts and users' ids neither.

create view muster_read.projects with (security_barrier) as
select p.id, p.key, p.name, p.summary, p.status, o.name as organization, r.key as repository, r.url as repository_url, p.sort,
  c.tasks, c.tasks_done, c.tasks_open, p.date_created as created_at
from public.os_projects p
left join public.os_organizations o on o.id = p.organization
left join public.os_repositories r on r.id = p.repository
cross join lateral (
  select count(*)::integer as tasks,
    count(*) filter (where t.status = 'done')::integer as tasks_done,
    count(*) filter (where t.status not in ('done', 'cancelled'))::integer as tasks_open
  from public.os_tasks t where t.project = p.id
) c
where p.visibility = 'public';

create view muster_read.phases with (security_barrier) as
select h.id, h.project as project_id, p.key as project, h.key, h.name, h.summary, h.status, h.sort, h.started_at, h.verified_at,
  c.tasks, c.tasks_done, c.tasks_open
from public.os_phases h
join public.os_projects p on p.id = h.project and p.visibility = 'public'
cross join lateral (
  select count(*)::integer as tasks,
    count(*) filter (where t.status = 'done')::integer as tasks_done,
    count(*) filter (where t.status not in ('done', 'cancelled'))::integer as tasks_open
  from public.os_tasks t where t.phase = h.id
) c;

create view muster_read.leases with (security_barrier) as
select l.task as task_id, t.number as task, t.title as task_title, t.priority, t.risk, l.kind, l.epoch, l.session, l.agent as agent_id,
  a.name as agent, a.model_family, l.granted_at, l.heartbeat_at, l.expires_at, t.lease_seconds
from muster.leases l
join public.os_tasks t on t.id = l.task
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_agents a on a.id = l.agent;

create view muster_read.tasks with (security_barrier) as
select t.id, t.number, '#' || t.number as ref, t.project as project_id, p.key as project, p.name as project_name, t.phase as phase_id,
  h.key as phase, h.name as phase_name, t.title, t.description, t.class, t.status, t.priority, t.risk, t.acceptance,
  t.required_capabilities, t.paths, t.labels, t.attempt, t.max_attempts, t.version, t.claim_epoch,
  l.agent as agent_id, a.name as agent, a.model_family,
  l.kind as lease_kind, l.session as lease_session, l.granted_at as lease_granted_at, l.heartbeat_at as lease_heartbeat_at,
  l.expires_at as lease_expires_at, t.lease_seconds,
  w.agent as author_id, wa.name as author, w.model_family as author_family,
  t.submitted_commit, t.submitted_artifact, t.submitted_at,
  case when t.verified_at is not null then coalesce(va.name, 'steward') end as verifier,
  case when t.verified_at is not null then v.model_family end as verifier_family, t.verified_at,
  t.blocked_type, t.blocked_reason, t.blocked_owner, t.blocked_action, t.blocked_until, t.closing_note, t.status_reason,
  (select count(*)::integer from public.os_claims c where c.task = t.id) as claims,
  (select count(*)::integer from public.os_notes n where n.task = t.id) as notes,
  (select count(*)::integer from public.os_verifications x where x.task = t.id) as verifications,
  d.dependencies, d.open_dependencies,
  (select count(*)::integer from public.os_task_dependencies x where x.depends_on = t.id) as dependents,
  (select max(r.number) from public.os_receipts r where r.task = t.id) as receipt,
  t.date_created as created_at, coalesce(t.date_updated, t.date_created) as updated_at, t.done_at, t.origin, t.sort
from public.os_tasks t
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_phases h on h.id = t.phase
left join muster.leases l on l.task = t.id
left join public.os_agents a on a.id = l.agent
left join lateral (
  select c.agent, c.model_family from public.os_claims c where c.task = t.id and c.kind = 'work' order by c.epoch desc limit 1
) w on true
left join public.os_agents wa on wa.id = w.agent
left join lateral (
  select x.agent, x.model_family from public.os_verifications x where x.task = t.id and x.verdict = 'pass'
  order by x.date_created desc, x.epoch desc limit 1
) v on true
left join public.os_agents va on va.id = v.agent
cross join lateral (
  select count(*)::integer as dependencies, count(*) filter (where o.status <> 'done')::integer as open_dependencies
  from public.os_task_dependencies e join public.os_tasks o on o.id = e.depends_on where e.task = t.id
) d;

create view muster_read.dependencies with (security_barrier) as
select d.id, d.task as task_id, t.number as task, d.depends_on as depends_on_id, o.number as depends_on, o.title as depends_on_title,
  o.status as depends_on_status, d.kind
from public.os_task_dependencies d
join public.os_tasks t on t.id = d.task
join public.os_projects p on p.id = t.project and p.visibility = 'public'
join public.os_tasks o on o.id = d.depends_on
join public.os_projects q on q.id = o.project and q.visibility = 'public';

create view muster_read.claims with (security_barrier) as
select c.id, c.task as task_id, t.number as task, t.title as task_title, c.attempt, c.epoch, c.kind, c.agent as agent_id, a.name as agent,
  c.model_family, c.session, c.claimed_at, c.ended_at, c.ended_by, c.outcome, c.tokens_in, c.tokens_out, c.cost_usd, c.origin
from public.os_claims c
join public.os_tasks t on t.id = c.task
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_agents a on a.id = c.agent;

create view muster_read.notes with (security_barrier) as
select n.id, n.task as task_id, t.number as task, n.agent as agent_id, a.name as agent, n.kind, n.body, n.date_created as created_at
from public.os_notes n
join public.os_tasks t on t.id = n.task
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_agents a on a.id = n.agent;

create view muster_read.verifications with (security_barrier) as
select v.id, v.task as task_id, t.number as task, t.title as task_title, v.claim as claim_id, v.attempt, v.epoch, v.agent as agent_id,
  a.name as agent, v.model_family, b.name as author, c.model_family as author_family, v.session, v.verdict, v.evidence, v.checks,
  v.commit_sha, v.origin, v.date_created as created_at
from public.os_verifications v
join public.os_tasks t on t.id = v.task
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_agents a on a.id = v.agent
left join public.os_claims c on c.id = v.claim
left join public.os_agents b on b.id = c.agent;

create view muster_read.receipts with (security_barrier) as
select r.id, r.number, 'r-' || lpad(r.number::text, greatest(4, length(r.number::text)), '0') as ref, r.task as task_id, t.number as task,
  t.title as task_title, r.title, r.symptom, r.board_row, r.verifier_claim, r.caught_by, r.closing_note, r.fix_commit, r.needed_fleet,
  r.attribution, r.steps, r.prev_hash, r.hash, r.origin, r.issued_at
from public.os_receipts r
join public.os_tasks t on t.id = r.task
join public.os_projects p on p.id = t.project and p.visibility = 'public';

create view muster_read.releases with (security_barrier) as
select x.id, r.key as repository, r.url as repository_url, p.key as project, x.version, x.name, x.status, x.commit_sha, x.notes, x.released_at
from public.os_releases x
join public.os_repositories r on r.id = x.repository
left join public.os_projects p on p.id = x.project
where p.id is null or p.visibility = 'public';

create view muster_read.agents with (security_barrier) as
select a.id, a.name, a.title, a.model_family, a.model, a.status, a.capabilities, a.max_wip,
  greatest(a.last_seen_at, c.last_claimed_at, l.last_heartbeat_at) as last_seen_at, a."user" is not null as has_user,
  l.live_leases, c.tasks_submitted, c.tasks_accepted, c.tasks_reworked, v.verdicts, c.tokens_in, c.tokens_out, c.cost_usd,
  a.date_created as created_at
from public.os_agents a
cross join lateral (
  select max(k.claimed_at) as last_claimed_at,
    count(*) filter (where k.ended_by = 'submitted')::integer as tasks_submitted,
    count(*) filter (where k.outcome = 'accepted')::integer as tasks_accepted,
    count(*) filter (where k.outcome = 'rework')::integer as tasks_reworked,
    coalesce(sum(k.tokens_in), 0)::bigint as tokens_in,
    coalesce(sum(k.tokens_out), 0)::bigint as tokens_out,
    coalesce(sum(k.cost_usd), 0) as cost_usd
  from public.os_claims k where k.agent = a.id
) c
cross join lateral (
  select max(k.heartbeat_at) as last_heartbeat_at, count(*)::integer as live_leases from muster.leases k where k.agent = a.id
) l
cross join lateral (select count(*)::integer as verdicts from public.os_verifications k where k.agent = a.id) v;

create view muster_read.events with (security_barrier) as
select e.id, e.xid, e.entity, e.entity_id, e.version, e.kind, e.actor_name, e.epoch, t.id as task_id, t.number as task, t.title as task_title,
  e.before ->> 'status' as from_status, e.after ->> 'status' as to_status,
  (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(e.after) k) as changed,
  case when e.entity = 'os_tasks' then e.before - array['assigned_to', 'submitted_by', 'verified_by', 'user_created', 'user_updated'] end as before,
  case when e.entity = 'os_tasks' then e.after - array['assigned_to', 'submitted_by', 'verified_by', 'user_created', 'user_updated'] end as after,
  e.hash, e.at, e.origin
from public.os_events e
left join public.os_notes n on e.entity = 'os_notes' and n.id = e.entity_id
left join public.os_verifications v on e.entity = 'os_verifications' and v.id = e.entity_id
left join public.os_task_dependencies d on e.entity = 'os_task_dependencies' and d.id = e.entity_id
left join public.os_reservations r on e.entity = 'os_reservations' and r.id = e.entity_id
left join public.os_receipts c on e.entity = 'os_receipts' and c.id = e.entity_id
left join public.os_tasks t
  on t.id = case when e.entity = 'os_tasks' then e.entity_id else coalesce(n.task, v.task, d.task, r.task, c.task) end
left join public.os_phases h on e.entity = 'os_phases' and h.id = e.entity_id
left join public.os_releases x on e.entity = 'os_releases' and x.id = e.entity_id
left join public.os_projects p
  on p.id = case when e.entity = 'os_projects' then e.entity_id else coalesce(t.project, h.project, x.project) end
where e.entity <> 'os_contacts' and (p.id is null or p.visibility = 'public');

create view muster_read.instance with (security_barrier) as
select i.instance_id, i.incarnation, s.name as profile, s.content_hash as profile_hash, s.applied_at as seeded_at,
  c.tasks, c.tasks_open, c.tasks_done, c.tasks_blocked, c.tasks_in_review,
  (select count(*)::integer from public.os_agents) as agents,
  (select count(*)::integer from muster_read.leases) as live_leases,
  (select count(*)::integer from muster_read.receipts) as receipts,
  e.events, e.last_event_at, clock_timestamp() as server_now
from muster.instance i
left join lateral (select * from muster.seeds z where strpos(z.name, '/') = 0 order by z.applied_at desc, z.name limit 1) s on true
cross join lateral (
  select count(*)::integer as tasks,
    count(*) filter (where t.status not in ('done', 'cancelled'))::integer as tasks_open,
    count(*) filter (where t.status = 'done')::integer as tasks_done,
    count(*) filter (where t.status = 'blocked')::integer as tasks_blocked,
    count(*) filter (where t.status = 'in_review')::integer as tasks_in_review
  from public.os_tasks t join public.os_projects p on p.id = t.project and p.visibility = 'public'
) c
cross join lateral (select count(*) as events, max(z.at) as last_event_at from public.os_events z) e;

grant usage on schema muster_read to muster_portal, muster_rag;
grant select on all tables in schema muster_read to muster_portal, muster_rag;
