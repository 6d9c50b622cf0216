-- What happens in a private project was counted: readers of muster_read learned that something had happened, and when. And a dependency
-- that was removed belonged to no task any more, so that its whole trail could be read.

create or replace view muster_read.events with (security_barrier) as
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
  on t.id = case e.entity when 'os_tasks' then e.entity_id
    -- Of a row that is gone the trail alone knows whose it was.
    when 'os_task_dependencies' then coalesce(d.task, (e.after ->> 'task')::uuid, (e.before ->> 'task')::uuid)
    else coalesce(n.task, v.task, r.task, c.task) end
left join public.os_phases h on e.entity = 'os_phases' and h.id = e.entity_id
left join public.os_releases x on e.entity = 'os_releases' and x.id = e.entity_id
left join public.os_projects p
  on p.id = case when e.entity = 'os_projects' then e.entity_id else coalesce(t.project, h.project, x.project) end
where e.entity <> 'os_contacts' and (p.id is null or p.visibility = 'public')
  and (e.entity <> 'os_task_dependencies' or t.id is not null);

create or replace view muster_read.instance with (security_barrier) as
select i.instance_id, i.incarnation, s.name as profile, s.content_hash as profile_hash, s.applied_at as seeded_at,
  c.tasks, c.tasks_open, c.tasks_done, c.tasks_blocked, c.tasks_in_review,
  (select count(*)::integer from public.os_agents) as agents,
  (select count(*)::integer from muster_read.leases) as live_leases,
  (select count(*)::integer from muster_read.receipts) as receipts,
  coalesce(e.events, 0) as events, e.last_event_at, clock_timestamp() as server_now, e.xid as last_event_xid, e.id as last_event_id,
  (select z.hash from public.os_events z where z.id = e.id) as last_event_hash
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
-- The newest, and all of them counted, in one pass over the view.
left join lateral (
  select z.xid, z.id, count(*) over () as events, max(z.at) over () as last_event_at from muster_read.events z
  order by z.xid desc, z.id desc limit 1
) e on true;

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
    cross join lateral (select from muster_read.events v where v.id = w.id) seen
  ) held
$$;
