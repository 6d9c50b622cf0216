-- What a live view needs: the events after a cursor and the state of every lease. Both answer from muster_read's own rows, so that
-- nothing of a private project passes, and both are cheap enough to be asked many times a second by one reader per process.

-- Events after (p_xid, p_id) in cursor order, below the oldest running transaction, so that no late commit is skipped. An event that
-- the reader may not see has nulls in all but its place: the cursor moves on over it.
create function muster_read.events_after(p_xid xid8, p_id bigint, p_limit integer)
returns table (
  xid text, id bigint, entity text, kind text, version integer, actor_name text, epoch integer, task integer, task_title text,
  from_status text, to_status text, at timestamptz, origin text
)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with batch as materialized (
    select x.xid, x.id from public.os_events x
    where (x.xid, x.id) > (p_xid, p_id) and x.xid < pg_snapshot_xmin(pg_current_snapshot())
    order by x.xid, x.id limit least(greatest(p_limit, 1), 1000)
  )
  select b.xid::text, b.id, e.entity, e.kind, e.version, e.actor_name, e.epoch, e.task, e.task_title, e.from_status, e.to_status,
    e.at, e.origin
  from batch b
  left join lateral (select * from muster_read.events v where v.id = b.id) e on true
  order by b.xid, b.id
$$;

-- The board's pulse: its clock, incarnation and newest readable cursor, who holds the horizon back, and every lease. One row.
create function muster_read.pulse()
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
    from (select from public.os_events x where x.xid >= pg_snapshot_xmin(pg_current_snapshot()) limit 1000) w
  ) held
$$;

-- One narrow row per task, without a look into its claims, notes and verdicts: lists and counts over a hundred thousand of them.
create view muster_read.task_index with (security_barrier) as
select t.id, t.number, t.title, t.status, t.priority, t.risk, t.class, p.key as project, h.key as phase, t.labels, t.attempt, t.max_attempts,
  t.claim_epoch, a.name as agent, a.model_family, l.kind as lease_kind, l.heartbeat_at as lease_heartbeat_at,
  l.expires_at as lease_expires_at, t.lease_seconds, t.blocked_type, t.submitted_at, t.done_at, t.date_created as created_at,
  coalesce(t.date_updated, t.date_created) as updated_at, t.sort
from public.os_tasks t
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_phases h on h.id = t.phase
left join muster.leases l on l.task = t.id
left join public.os_agents a on a.id = l.agent;

grant select on muster_read.task_index to muster_portal, muster_rag;
revoke all on function muster_read.events_after(xid8, bigint, integer), muster_read.pulse() from public;
grant execute on function muster_read.events_after(xid8, bigint, integer), muster_read.pulse() to muster_portal;
