-- On a board of a hundred thousand tasks, nearly all of them private, a page took four seconds: the totals collected everything that is hidden
-- six times over, 0.2 s each, and whoever asked for an agent's name had all its claims and verdicts added up, twice.

-- What is hidden is collected once. "seen" has the rows of muster_read.visible_events, which collects it for itself.
create or replace view muster_read.instance with (security_barrier) as
select i.instance_id, i.incarnation, s.name as profile, s.content_hash as profile_hash, s.applied_at as seeded_at,
  c.tasks, c.tasks_open, c.tasks_done, c.tasks_blocked, c.tasks_in_review,
  (select count(*)::integer from public.os_agents) as agents,
  (select count(*)::integer from muster_read.leases) as live_leases,
  (select count(*)::integer from muster_read.receipts) as receipts,
  e.events, e.last_event_at, clock_timestamp() as server_now, e.last_event_xid, e.last_event_id, e.last_event_hash
from muster.instance i
left join lateral (select * from muster.seeds y where strpos(y.name, '/') = 0 order by y.applied_at desc, y.name limit 1) s on true
left join (
  select coalesce(sum(n.tasks), 0)::integer as tasks,
    coalesce(sum(n.tasks) filter (where n.status not in ('done', 'cancelled')), 0)::integer as tasks_open,
    coalesce(sum(n.tasks) filter (where n.status = 'done'), 0)::integer as tasks_done,
    coalesce(sum(n.tasks) filter (where n.status = 'blocked'), 0)::integer as tasks_blocked,
    coalesce(sum(n.tasks) filter (where n.status = 'in_review'), 0)::integer as tasks_in_review
  from (
    select t.status, count(*) as tasks from public.os_tasks t group by t.status
    union all
    select t.status, -count(*) from public.os_tasks t join public.os_projects p on p.id = t.project and p.visibility <> 'public' group by t.status
  ) n
) c on true
left join (
  with hidden as materialized (select h.id from muster.hidden_rows() h),
  seen as not materialized (
    select v.id, v.xid, v.at, v.entity, v.hash from public.os_events v
    where v.entity <> 'os_contacts'
      and (v.entity <> 'os_task_dependencies' or coalesce(v.after ->> 'task', v.before ->> 'task') is not null
        or exists (select from public.os_task_dependencies d where d.id = v.entity_id))
      and case when v.entity = 'os_task_dependencies' then coalesce((v.after ->> 'task')::uuid, (v.before ->> 'task')::uuid, v.entity_id)
        else v.entity_id end not in (select h.id from hidden h)
  )
  -- An aggregate of its one row, without which the planner would not leave this out where only the instance is asked for.
  select max(t.events) as events, max(t.last_event_at) as last_event_at, max(t.xid) as last_event_xid, max(t.id) as last_event_id,
    max(t.hash) as last_event_hash
  from (
    select
      -- All but those of dependencies are counted by their keys, in an index alone.
      (select count(*) from public.os_events k where k.entity not in ('os_contacts', 'os_task_dependencies')
          and k.entity_id not in (select h.id from hidden h))
        + (select count(*) from seen k where k.entity = 'os_task_dependencies') as events,
      -- What is imported is older in its own time than what is newest in the trail. As many as muster_read.newest_events has.
      (select max(n.at) from (select k.at from seen k order by k.id desc limit 2000) n) as last_event_at,
      z.xid, z.id, z.hash
    from (values (true)) one (row)
    left join lateral (select k.xid, k.id, k.hash from seen k order by k.xid desc, k.id desc limit 1) z on true
  ) t
) e on true;

-- The same numbers, each added up in one pass for all agents: a join by a group's key is left out where nobody asks for its columns.
create or replace view muster_read.agents with (security_barrier) as
select a.id, a.name, a.title, a.model_family, a.model, a.status, a.capabilities, a.max_wip,
  greatest(case when not coalesce(c.has_hidden, false) then a.last_seen_at end, c.last_claimed_at, l.last_heartbeat_at) as last_seen_at,
  a."user" is not null as has_user,
  coalesce(l.live_leases, 0) as live_leases, coalesce(c.tasks_submitted, 0) as tasks_submitted, coalesce(c.tasks_accepted, 0) as tasks_accepted,
  coalesce(c.tasks_reworked, 0) as tasks_reworked, coalesce(v.verdicts, 0) as verdicts, coalesce(c.tokens_in, 0) as tokens_in,
  coalesce(c.tokens_out, 0) as tokens_out, coalesce(c.cost_usd, 0) as cost_usd, a.date_created as created_at
from public.os_agents a
left join (
  select k.agent, bool_or(p.visibility <> 'public') as has_hidden,
    max(k.claimed_at) filter (where p.visibility = 'public') as last_claimed_at,
    (count(*) filter (where p.visibility = 'public' and k.ended_by = 'submitted'))::integer as tasks_submitted,
    (count(*) filter (where p.visibility = 'public' and k.outcome = 'accepted'))::integer as tasks_accepted,
    (count(*) filter (where p.visibility = 'public' and k.outcome = 'rework'))::integer as tasks_reworked,
    (sum(k.tokens_in) filter (where p.visibility = 'public'))::bigint as tokens_in,
    (sum(k.tokens_out) filter (where p.visibility = 'public'))::bigint as tokens_out,
    sum(k.cost_usd) filter (where p.visibility = 'public') as cost_usd
  from public.os_claims k join public.os_tasks t on t.id = k.task join public.os_projects p on p.id = t.project
  group by k.agent
) c on c.agent = a.id
left join (
  select k.agent, max(k.heartbeat_at) as last_heartbeat_at, count(*)::integer as live_leases
  from muster.leases k join public.os_tasks t on t.id = k.task join public.os_projects p on p.id = t.project and p.visibility = 'public'
  group by k.agent
) l on l.agent = a.id
left join (
  select k.agent, count(*)::integer as verdicts
  from public.os_verifications k join public.os_tasks t on t.id = k.task join public.os_projects p on p.id = t.project and p.visibility = 'public'
  group by k.agent
) v on v.agent = a.id;
