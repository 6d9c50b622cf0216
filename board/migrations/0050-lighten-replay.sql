-- Each page asks for the totals of the board, and a replay asks for all rows as they were. Both took longer with every event of the
-- trail: seconds on a board of a hundred thousand. And what is hidden now could be seen in the past, and was counted for its agents.

-- The rows that belong to a private project, whatever their table, for the views that look at many events at once.
create function muster.hidden_rows() returns table (id uuid)
language sql stable security definer rows 100 set search_path = pg_catalog, pg_temp as $$
  with projects as (select p.id from public.os_projects p where p.visibility <> 'public'),
    tasks as (select t.id from public.os_tasks t join projects p on p.id = t.project)
  select p.id from projects p
  union all select h.id from public.os_phases h join projects p on p.id = h.project
  union all select x.id from public.os_releases x join projects p on p.id = x.project
  union all select t.id from tasks t
  union all select n.id from public.os_notes n join tasks t on t.id = n.task
  union all select v.id from public.os_verifications v join tasks t on t.id = v.task
  union all select d.id from public.os_task_dependencies d join tasks t on t.id = d.task
  union all select r.id from public.os_reservations r join tasks t on t.id = r.task
  union all select c.id from public.os_receipts c join tasks t on t.id = c.task
$$;

-- Where and when each event happened that may be seen, without a look at what it changed: counts and steps over a long trail. The same
-- rows as muster_read.events; what is hidden is looked up once, not joined to each event.
create view muster_read.event_index with (security_barrier) as
select e.id, e.xid, e.at
from public.os_events e
where e.entity <> 'os_contacts'
  and (e.entity <> 'os_task_dependencies' or coalesce(e.after ->> 'task', e.before ->> 'task') is not null
    or exists (select from public.os_task_dependencies d where d.id = e.entity_id))
  -- Of a dependency that is gone the trail alone knows whose it was.
  and not exists (select from muster.hidden_rows() h where h.id = case when e.entity = 'os_task_dependencies'
    then coalesce((e.after ->> 'task')::uuid, (e.before ->> 'task')::uuid, e.entity_id) else e.entity_id end);

grant select on muster_read.event_index to muster_portal, muster_rag;

-- Each group of totals is a subquery of one row: who asks for the instance alone has none of them counted.
create or replace view muster_read.instance with (security_barrier) as
select i.instance_id, i.incarnation, s.name as profile, s.content_hash as profile_hash, s.applied_at as seeded_at,
  c.tasks, c.tasks_open, c.tasks_done, c.tasks_blocked, c.tasks_in_review,
  (select count(*)::integer from public.os_agents) as agents,
  (select count(*)::integer from muster_read.leases) as live_leases,
  (select count(*)::integer from muster_read.receipts) as receipts,
  e.events, e.last_event_at, clock_timestamp() as server_now, e.xid as last_event_xid, z.id as last_event_id,
  (select b.hash from public.os_events b where b.id = z.id) as last_event_hash
from muster.instance i
left join lateral (select * from muster.seeds y where strpos(y.name, '/') = 0 order by y.applied_at desc, y.name limit 1) s on true
left join (
  select count(*)::integer as tasks,
    count(*) filter (where t.status not in ('done', 'cancelled'))::integer as tasks_open,
    count(*) filter (where t.status = 'done')::integer as tasks_done,
    count(*) filter (where t.status = 'blocked')::integer as tasks_blocked,
    count(*) filter (where t.status = 'in_review')::integer as tasks_in_review
  from public.os_tasks t join public.os_projects p on p.id = t.project and p.visibility = 'public'
) c on true
left join (select count(*) as events, max(y.at) as last_event_at, max(y.xid) as xid from muster_read.event_index y) e on true
left join lateral (select max(y.id) as id from muster_read.event_index y where y.xid = e.xid) z on true;

-- What an agent did in a private project is in no number of it. Its own word of when it was last seen is of all its work.
create or replace view muster_read.agents with (security_barrier) as
select a.id, a.name, a.title, a.model_family, a.model, a.status, a.capabilities, a.max_wip,
  greatest(case when not c.has_hidden then a.last_seen_at end, c.last_claimed_at, l.last_heartbeat_at) as last_seen_at,
  a."user" is not null as has_user,
  l.live_leases, c.tasks_submitted, c.tasks_accepted, c.tasks_reworked, v.verdicts, c.tokens_in, c.tokens_out, c.cost_usd,
  a.date_created as created_at
from public.os_agents a
cross join lateral (
  select coalesce(bool_or(p.visibility <> 'public'), false) as has_hidden,
    max(k.claimed_at) filter (where p.visibility = 'public') as last_claimed_at,
    count(*) filter (where p.visibility = 'public' and k.ended_by = 'submitted')::integer as tasks_submitted,
    count(*) filter (where p.visibility = 'public' and k.outcome = 'accepted')::integer as tasks_accepted,
    count(*) filter (where p.visibility = 'public' and k.outcome = 'rework')::integer as tasks_reworked,
    coalesce(sum(k.tokens_in) filter (where p.visibility = 'public'), 0)::bigint as tokens_in,
    coalesce(sum(k.tokens_out) filter (where p.visibility = 'public'), 0)::bigint as tokens_out,
    coalesce(sum(k.cost_usd) filter (where p.visibility = 'public'), 0) as cost_usd
  from public.os_claims k join public.os_tasks t on t.id = k.task join public.os_projects p on p.id = t.project
  where k.agent = a.id
) c
cross join lateral (
  select max(k.heartbeat_at) as last_heartbeat_at, count(*)::integer as live_leases
  from muster.leases k join public.os_tasks t on t.id = k.task join public.os_projects p on p.id = t.project and p.visibility = 'public'
  where k.agent = a.id
) l
cross join lateral (
  select count(*)::integer as verdicts
  from public.os_verifications k join public.os_tasks t on t.id = k.task join public.os_projects p on p.id = t.project and p.visibility = 'public'
  where k.agent = a.id
) v;

-- The instant is looked up once for each table, not for each event of it. muster.at_floor: the least transaction with an event after
-- muster.at_time, where whoever set the instant has looked it up; without it the whole trail is read.
create or replace function muster_past.undone(p_entity text) returns table (entity_id uuid, is_unborn boolean, undo jsonb)
language plpgsql stable security definer rows 100 set search_path = pg_catalog, pg_temp as $$
declare
  seen constant pg_snapshot := nullif(current_setting('muster.at_snapshot', true), '')::pg_snapshot;
  place constant text := nullif(current_setting('muster.at_place', true), '');
  place_xid constant xid8 := split_part(place, ':', 1)::xid8;
  place_id constant bigint := split_part(place, ':', 2)::bigint;
  happened constant timestamptz := current_setting('muster.at_time')::timestamptz;
  -- Only an index's range is read: nothing below it can be unseen.
  from_xid constant xid8 := case
    when seen is not null then pg_snapshot_xmin(seen)
    when place is not null then place_xid
    else coalesce(nullif(current_setting('muster.at_floor', true), ''), '0')::xid8 end;
begin
  return query
    select e.entity_id, bool_or(e.before is null),
      coalesce(jsonb_object_agg(k.key, k.value order by e.version desc) filter (where k.key is not null), '{}')
    from public.os_events e
    left join lateral jsonb_each(e.before) k on true
    where e.entity = p_entity and e.xid >= from_xid and case
      when seen is not null then not pg_visible_in_snapshot(e.xid, seen)
      when place is not null then (e.xid, e.id) > (place_xid, place_id)
      else e.at > happened end
    group by e.entity_id;
end $$;

-- The instant as columns of one row, null where it is not of that kind.
create function muster_past.instant(out seen pg_snapshot, out place_xid xid8, out place_id bigint, out happened timestamptz)
language sql stable set search_path = pg_catalog, pg_temp as $$
  select nullif(current_setting('muster.at_snapshot', true), '')::pg_snapshot,
    split_part(nullif(current_setting('muster.at_place', true), ''), ':', 1)::xid8,
    split_part(nullif(current_setting('muster.at_place', true), ''), ':', 2)::bigint,
    current_setting('muster.at_time')::timestamptz
$$;

create or replace function muster.rebuild_replay() returns integer
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  relation text;
  definition text;
  undo text;
  made integer := 0;
begin
  perform muster.drop_replay();
  foreach relation in array array[
    'os_organizations', 'os_repositories', 'os_projects', 'os_phases', 'os_agents', 'os_sessions', 'os_releases', 'os_tasks', 'os_notes',
    'os_verifications', 'os_reservations', 'os_receipts', 'os_task_dependencies'
  ] loop
    -- What may be seen of the past is what may be seen now: a project keeps its visibility, and a row that moved out of or into a private
    -- project is where it is.
    undo := case
      when relation = 'os_projects' then 'u.undo - ''visibility'''
      when relation in ('os_phases', 'os_releases', 'os_tasks') then
        'case when exists (select from public.os_projects q where q.id in (t.project, (u.undo ->> ''project'')::uuid) and q.visibility <> ''public'') then u.undo - ''project'' else u.undo end'
      else 'u.undo' end;
    execute format($f$create view muster_past.%1$I as
      select t.* from public.%1$I t where not exists (select from muster_past.undone(%1$L) u where u.entity_id = t.id)
      union all
      select p.* from muster_past.undone(%1$L) u join public.%1$I t on t.id = u.entity_id
      cross join lateral jsonb_populate_record(t, %2$s) p where not u.is_unborn
      union all
      select p.* from muster_past.undone(%1$L) u cross join lateral jsonb_populate_record(null::public.%1$I, u.undo) p
      where not u.is_unborn and not exists (select from public.%1$I t where t.id = u.entity_id)$f$, relation, undo);
  end loop;

  create view muster_past.os_events as select e.* from public.os_events e
  where case
    when (select i.seen is not null from muster_past.instant() i) then pg_visible_in_snapshot(e.xid, (select i.seen from muster_past.instant() i))
    when (select i.place_id is not null from muster_past.instant() i)
      then (e.xid, e.id) <= ((select i.place_xid from muster_past.instant() i), (select i.place_id from muster_past.instant() i))
    else e.at <= (select i.happened from muster_past.instant() i) end;
  create view muster_past.os_usage as select g.* from public.os_usage g where g.at <= muster_past.now();

  -- Claims have no events of their own: the epoch and the session of their task say which were there, and which one was open.
  create view muster_past.os_claims as
  select c.id, c.task, c.attempt, c.epoch, c.kind, c.agent, c.holder, c.session, c.model_family, c.claimed_at,
    case when not s.is_open then c.ended_at end as ended_at,
    case when not s.is_open then c.ended_by end as ended_by,
    case when not s.is_open and (s.is_judged or c.ended_by <> 'submitted') then c.outcome end as outcome,
    case when s.was_open then sooner.tokens_in else c.tokens_in - coalesce(later.tokens_in, 0) end::integer as tokens_in,
    case when s.was_open then sooner.tokens_out else c.tokens_out - coalesce(later.tokens_out, 0) end::integer as tokens_out,
    case when s.was_open then sooner.cost_usd else c.cost_usd - coalesce(later.cost_usd, 0) end::numeric(12, 4) as cost_usd,
    c.origin
  from public.os_claims c
  join public.os_tasks t on t.id = c.task
  left join muster_past.undone('os_tasks') u on u.entity_id = c.task
  cross join lateral (
    select coalesce((u.undo ->> 'claim_epoch')::integer, t.claim_epoch) as epoch,
      case when u.undo ? 'claim_session' then u.undo ->> 'claim_session' else t.claim_session end as session
  ) k
  cross join lateral (
    -- was_open: open then, and ended since. What it used is then the sum of what was reported until then.
    select c.epoch = k.epoch and k.session is not null as is_open,
      c.epoch = k.epoch and k.session is not null and c.ended_at is not null as was_open,
      u.entity_id is null or exists (
        select from public.os_verifications v where v.claim = c.id and v.verdict <> 'inconclusive'
          and not exists (select from muster_past.undone('os_verifications') x where x.entity_id = v.id and x.is_unborn)) as is_judged
  ) s
  left join lateral (
    select sum(g.tokens_in) as tokens_in, sum(g.tokens_out) as tokens_out, sum(g.cost_usd) as cost_usd
    from public.os_usage g where g.claim = c.id and g.at > muster_past.now()
  ) later on true
  left join lateral (
    select sum(g.tokens_in) as tokens_in, sum(g.tokens_out) as tokens_out, sum(g.cost_usd) as cost_usd
    from public.os_usage g where g.claim = c.id and g.at <= muster_past.now()
  ) sooner on true
  where u.entity_id is null or (not u.is_unborn and c.epoch <= k.epoch);

  -- Heartbeats leave no event. A lease that has not been renewed since is as it was; else its end is the one last written to the task.
  create view muster_past.leases as
  select t.id as task, case t.status when 'in_review' then 'review' else 'work' end as kind, t.claim_epoch as epoch, t.claim_session as session,
    c.holder, c.agent, c.claimed_at as granted_at,
    coalesce(l.heartbeat_at, greatest(c.claimed_at, t.lease_expires_at - make_interval(secs => t.lease_seconds))) as heartbeat_at,
    coalesce(l.expires_at, t.lease_expires_at) as expires_at, t.lease_seconds as seconds
  from muster_past.os_tasks t
  join public.os_claims c on c.task = t.id and c.epoch = t.claim_epoch
  left join muster.leases l on l.task = t.id and l.epoch = t.claim_epoch and l.heartbeat_at <= muster_past.now() + interval '1 millisecond'
  where t.claim_session is not null;

  -- A view after those that it is made from.
  for relation, definition in
    with recursive uses as (
      select distinct r.ev_class as view, d.refobjid as used
      from pg_rewrite r
      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
    ), depths as (
      select c.oid, 0 as depth from pg_class c where c.relnamespace = 'muster_read'::regnamespace and c.relkind = 'v'
      union all
      select u.view, h.depth + 1 from depths h join uses u on u.used = h.oid
    )
    select c.relname, pg_get_viewdef(c.oid) from pg_class c
    join (select h.oid, max(h.depth) as depth from depths h group by h.oid) h on h.oid = c.oid
    where c.relnamespace = 'muster_read'::regnamespace
    order by h.depth, c.oid
  loop
    definition := regexp_replace(definition, '\mpublic\.(os_\w+)', 'muster_past.\1', 'g');
    definition := regexp_replace(definition, '\mmuster\.leases\M', 'muster_past.leases', 'g');
    definition := regexp_replace(definition, '\mmuster_read\.', 'muster_at.', 'g');
    definition := regexp_replace(definition, '\m(pg_catalog\.)?clock_timestamp\(\)', 'muster_past.now()', 'g');
    execute format('create view muster_at.%I with (security_barrier) as %s', relation, definition);
    made := made + 1;
  end loop;
  grant select on all tables in schema muster_at to muster_portal;
  return made;
end $$;

drop function muster_past.is_seen(xid8, bigint, timestamptz);
revoke all on function muster.hidden_rows(), muster_past.instant() from public;
-- A function in a view is run by whoever reads the view; without usage on the schema nobody can name it.
grant execute on function muster.hidden_rows() to muster_portal, muster_rag;
grant execute on function muster_past.instant() to muster_portal;
