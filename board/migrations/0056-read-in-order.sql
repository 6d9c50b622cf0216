-- A page of a list had all tasks joined and sorted to show a hundred of them, and each count went through all of them again: half a second on
-- a board of a hundred thousand. What is shown in an order is read in that order, as far as it is shown, and what is counted is counted once.
-- No claim writes to the new indexes: the first holds what nobody works on, the second what is done, the third what was edited.

create index os_tasks_waiting_index on public.os_tasks (status, priority, sort, number) where status in ('triage', 'ready', 'blocked', 'in_review');
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

-- Tasks that somebody works on or reviews; few, whatever the size of the board.
create view muster_read.tasks_at_work with (security_barrier) as
select t.id, t.number, t.status, h.key as phase, t.priority, t.sort, l.task is not null as is_held
from public.os_tasks t
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_phases h on h.id = t.phase
left join muster.leases l on l.task = t.id
where t.status = 'in_progress'
union all
select t.id, t.number, t.status, h.key, t.priority, t.sort, true
from muster.leases l
join public.os_tasks t on t.id = l.task
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_phases h on h.id = t.phase
where t.status <> 'in_progress';

-- The other open tasks, the most urgent of each status first.
create view muster_read.waiting_tasks with (security_barrier) as
select t.id, t.number, t.status, h.key as phase, t.priority, t.sort
from public.os_tasks t
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_phases h on h.id = t.phase
where t.status in ('triage', 'ready', 'blocked', 'in_review') and not exists (select from muster.leases l where l.task = t.id)
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
