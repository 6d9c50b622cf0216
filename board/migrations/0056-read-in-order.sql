-- A page of a list had all tasks joined and sorted to show a hundred of them, and each count went through all of them again: half a second on
-- a board of a hundred thousand. What is shown in an order is read in that order, as far as it is shown, and what is counted is counted once.
-- No claim and no submission writes to the new indexes: the first holds what waits for work, the second what is done, the third what was edited.

-- Every number is above 0; that it is asked for keeps the search of a claim, which knows its task by key, from this index: on a small board it costs
-- as little as the key, and such a plan would stay for a large one.
create index os_tasks_waiting_index on public.os_tasks (status, priority, sort, number)
  where status in ('triage', 'ready', 'blocked') and number > 0;
create index os_tasks_done_index on public.os_tasks (done_at desc nulls last, number desc) where status = 'done';
create index os_events_signs_index on public.os_events (at) where entity = 'os_tasks' and kind in ('renewed', 'edited');

-- What a list of tasks is chosen by; the rest is read of those that are shown. Newest number first.
create view muster_read.tasks_by_number with (security_barrier) as
select t.id, t.number, t.status, p.key as project, h.key as phase, t.class, t.priority, t.risk, t.labels, t.title, t.description,
  coalesce(t.date_updated, t.date_created) as updated_at, t.sort
from public.os_tasks t
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_phases h on h.id = t.phase
order by t.number desc;

-- Tasks that somebody works on, and those that wait for a review or have one.
create view muster_read.tasks_at_work with (security_barrier) as
select t.id, t.number, t.status, h.key as phase, t.priority, t.sort, l.task is not null as is_held
from public.os_tasks t
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_phases h on h.id = t.phase
left join muster.leases l on l.task = t.id
where t.status in ('in_progress', 'in_review')
union all
select t.id, t.number, t.status, h.key, t.priority, t.sort, true
from muster.leases l
join public.os_tasks t on t.id = l.task
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_phases h on h.id = t.phase
where t.status not in ('in_progress', 'in_review');

-- The open tasks that wait for work, the most urgent of each status first.
create view muster_read.waiting_tasks with (security_barrier) as
select t.id, t.number, t.status, h.key as phase, t.priority, t.sort
from public.os_tasks t
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_phases h on h.id = t.phase
where t.status in ('triage', 'ready', 'blocked') and t.number > 0 and not exists (select from muster.leases l where l.task = t.id)
order by t.status, t.priority, t.sort, t.number;

-- Verified tasks, the newest first.
create view muster_read.done_tasks with (security_barrier) as
select t.id, t.number, h.key as phase, t.priority, t.done_at
from public.os_tasks t
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_phases h on h.id = t.phase
where t.status = 'done'
order by t.done_at desc nulls last, t.number desc;

-- Who holds a task, and who worked on it last: a task has no row, one or two.
create view muster_read.task_workers with (security_barrier) as
select l.task as task_id, a.name as agent, a.model_family, true as is_holder
from muster.leases l
join public.os_tasks t on t.id = l.task
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_agents a on a.id = l.agent
union all
select c.task, n.name, c.model_family, false
from public.os_claims c
join public.os_tasks t on t.id = c.task
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_agents n on n.id = c.agent
where c.kind = 'work' and not exists (select from public.os_claims x where x.task = c.task and x.kind = 'work' and x.epoch > c.epoch);

-- All tasks, counted by what they can be told apart by: one pass, from which every total of a page follows.
create view muster_read.task_groups with (security_barrier) as
select p.id as project_id, p.key as project, h.key as phase, g.status, g.class, g.priority, g.risk, g.tasks
from (
  select t.project, t.phase, t.status, t.class, t.priority, t.risk, count(*)::integer as tasks
  from public.os_tasks t
  group by t.project, t.phase, t.status, t.class, t.priority, t.risk
) g
join public.os_projects p on p.id = g.project and p.visibility = 'public'
left join public.os_phases h on h.id = g.phase;

-- Each label of each task that has one.
create view muster_read.task_labels with (security_barrier) as
select t.id as task_id, l.value as label
from public.os_tasks t
join public.os_projects p on p.id = t.project and p.visibility = 'public'
cross join lateral jsonb_array_elements_text(t.labels) l (value)
where t.labels <> '[]';

-- Signs of life under a claim: writes to a task and notes on it, other than those that open or end a claim.
create view muster_read.work_signs with (security_barrier) as
select e.id, e.at, t.number as task, e.actor_name
from public.os_events e
join public.os_tasks t on t.id = e.entity_id
join public.os_projects p on p.id = t.project and p.visibility = 'public'
where e.entity = 'os_tasks' and e.kind in ('renewed', 'edited')
union all
select e.id, e.at, t.number, e.actor_name
from public.os_events e
join public.os_notes n on n.id = e.entity_id
join public.os_tasks t on t.id = n.task
join public.os_projects p on p.id = t.project and p.visibility = 'public'
where e.entity = 'os_notes';

grant select on muster_read.tasks_by_number, muster_read.tasks_at_work, muster_read.waiting_tasks, muster_read.done_tasks, muster_read.task_workers,
  muster_read.task_groups, muster_read.task_labels, muster_read.work_signs to muster_portal, muster_rag;

-- A phase's tasks are counted for who asks how many they are.
create or replace view muster_read.phases with (security_barrier) as
select h.id, h.project as project_id, p.key as project, h.key, h.name, h.summary, h.status, h.sort, h.started_at, h.verified_at,
  (select count(*)::integer from public.os_tasks t where t.phase = h.id) as tasks,
  (select count(*)::integer from public.os_tasks t where t.phase = h.id and t.status = 'done') as tasks_done,
  (select count(*)::integer from public.os_tasks t where t.phase = h.id and t.status not in ('done', 'cancelled')) as tasks_open
from public.os_phases h
join public.os_projects p on p.id = h.project and p.visibility = 'public';

-- The totals of the board are counted by an index of the statuses, less what is hidden, and not by all rows of all tasks.
create or replace view muster_read.instance with (security_barrier) as
select i.instance_id, i.incarnation, s.name as profile, s.content_hash as profile_hash, s.applied_at as seeded_at,
  c.tasks, c.tasks_open, c.tasks_done, c.tasks_blocked, c.tasks_in_review,
  (select count(*)::integer from public.os_agents) as agents,
  (select count(*)::integer from muster_read.leases) as live_leases,
  (select count(*)::integer from muster_read.receipts) as receipts,
  (select count(*) from public.os_events e where e.entity not in ('os_contacts', 'os_task_dependencies')
      and e.entity_id not in (select h.id from muster.hidden_rows() h))
    + (select count(*) from muster_read.visible_events e where e.entity = 'os_task_dependencies') as events,
  (select max(e.at) from muster_read.newest_events e) as last_event_at, clock_timestamp() as server_now,
  (select e.xid from muster_read.visible_events e order by e.xid desc, e.id desc limit 1) as last_event_xid,
  (select e.id from muster_read.visible_events e order by e.xid desc, e.id desc limit 1) as last_event_id,
  (select b.hash from public.os_events b
    where b.id = (select e.id from muster_read.visible_events e order by e.xid desc, e.id desc limit 1)) as last_event_hash
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
) c on true;

-- One event was read by a join of all events with all tasks, 23 ms on a board of ten thousand, before any reader heard of it: a lateral join without a
-- limit is one to the planner. And the portal asks twenty times a second, mostly in vain, and had the whole view planned for it each time, 2 ms:
-- whether there is an event is now asked first.
create or replace function muster_read.events_after(p_xid xid8, p_id bigint, p_limit integer)
returns table (
  xid text, id bigint, entity text, kind text, version integer, actor_name text, epoch integer, task integer, task_title text,
  from_status text, to_status text, at timestamptz, origin text
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  perform from public.os_events x where (x.xid, x.id) > (p_xid, p_id) and x.xid < pg_snapshot_xmin(pg_current_snapshot())
    order by x.xid, x.id limit 1;
  if not found then return; end if;
  return query
    with batch as materialized (
      select x.xid, x.id from public.os_events x
      where (x.xid, x.id) > (p_xid, p_id) and x.xid < pg_snapshot_xmin(pg_current_snapshot())
      order by x.xid, x.id limit least(greatest(p_limit, 1), 1000)
    )
    select b.xid::text, b.id, e.entity, e.kind, e.version, e.actor_name, e.epoch, e.task, e.task_title, e.from_status, e.to_status,
      e.at, e.origin
    from batch b
    left join lateral (select * from muster_read.events v where v.id = b.id limit 1) e on true
    order by b.xid, b.id;
end $$;

-- The same for events that are held back, which were looked for with each pulse while a transaction ran.
create or replace function muster_read.pulse()
returns table (
  now timestamptz, incarnation integer, head_xid text, head_id bigint, held_events integer, held_by integer, leases jsonb
)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select clock_timestamp(), i.incarnation, coalesce(head.xid::text, '0'), coalesce(head.id, 0), held.events,
    case when held.events > 0 then (
      select l.pid from pg_locks l
      where l.locktype = 'transactionid' and l.granted and l.mode = 'ExclusiveLock'
        and l.transactionid::text::bigint = mod(pg_snapshot_xmin(pg_current_snapshot())::text::numeric, 4294967296)::bigint
      limit 1) end,
    (select coalesce(jsonb_agg(jsonb_build_array(l.task, l.epoch, round(extract(epoch from l.heartbeat_at) * 1000)::bigint,
        round(extract(epoch from l.expires_at) * 1000)::bigint, l.lease_seconds) order by l.task), '[]')
      from muster_read.leases l)
  from muster.instance i
  left join lateral (
    select x.xid, x.id from public.os_events x where x.xid < pg_snapshot_xmin(pg_current_snapshot()) order by x.xid desc, x.id desc limit 1
  ) head on true
  cross join lateral (
    select count(*)::integer as events
    from (select x.id from public.os_events x where x.xid >= pg_snapshot_xmin(pg_current_snapshot()) limit 1000) w
    cross join lateral (select from muster_read.events v where v.id = w.id limit 1) seen
  ) held
$$;
