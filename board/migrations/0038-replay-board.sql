-- The board as it was: every view of muster_read has a twin in muster_at, which shows the rows of an earlier instant. Rows are taken back
-- by the events that came after it: each event holds what it replaced. Nothing is stored for this, and no write gets slower.
--
-- The instant is set for one transaction: muster.at_time, and either muster.at_snapshot (what a page saw) or muster.at_place
-- ("xid:id", what a reader of the trail had read) or neither (what had happened by the clock).

create function muster_past.now() returns timestamptz
language sql stable set search_path = pg_catalog, pg_temp as $$
  select current_setting('muster.at_time')::timestamptz
$$;

create function muster_past.is_seen(p_xid xid8, p_id bigint, p_at timestamptz) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
  select case
    when coalesce(current_setting('muster.at_snapshot', true), '') <> ''
      then pg_visible_in_snapshot(p_xid, current_setting('muster.at_snapshot')::pg_snapshot)
    when coalesce(current_setting('muster.at_place', true), '') <> ''
      then (p_xid, p_id) <= (split_part(current_setting('muster.at_place'), ':', 1)::xid8, split_part(current_setting('muster.at_place'), ':', 2)::bigint)
    else p_at <= current_setting('muster.at_time')::timestamptz end
$$;

-- What happened to the rows of one table after the instant: `undo` holds the values they had, is_unborn says that they were not there yet.
create function muster_past.undone(p_entity text) returns table (entity_id uuid, is_unborn boolean, undo jsonb)
language plpgsql stable security definer rows 100 set search_path = pg_catalog, pg_temp as $$
declare
  -- Only an index's range is read: nothing below it can be unseen.
  from_xid constant xid8 := case
    when coalesce(current_setting('muster.at_snapshot', true), '') <> '' then pg_snapshot_xmin(current_setting('muster.at_snapshot')::pg_snapshot)
    when coalesce(current_setting('muster.at_place', true), '') <> '' then split_part(current_setting('muster.at_place'), ':', 1)::xid8
    else '0'::xid8 end;
begin
  return query
    select e.entity_id, bool_or(e.before is null),
      coalesce(jsonb_object_agg(k.key, k.value order by e.version desc) filter (where k.key is not null), '{}')
    from public.os_events e
    left join lateral jsonb_each(e.before) k on true
    where e.entity = p_entity and e.xid >= from_xid and not muster_past.is_seen(e.xid, e.id, e.at)
    group by e.entity_id;
end $$;

create function muster.drop_replay() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  relation text;
begin
  for relation in
    select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('muster_at', 'muster_past') and c.relkind = 'v'
  loop
    execute format('drop view if exists %s cascade', relation);
  end loop;
end $$;

-- Makes all views of both schemas anew. The migration runner drops them before each migration and calls this after it.
create function muster.rebuild_replay() returns integer
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  relation text;
  definition text;
  made integer := 0;
begin
  perform muster.drop_replay();
  foreach relation in array array[
    'os_organizations', 'os_repositories', 'os_projects', 'os_phases', 'os_agents', 'os_sessions', 'os_releases', 'os_tasks', 'os_notes',
    'os_verifications', 'os_reservations', 'os_receipts', 'os_task_dependencies'
  ] loop
    execute format($f$create view muster_past.%1$I as
      select t.* from public.%1$I t where not exists (select from muster_past.undone(%1$L) u where u.entity_id = t.id)
      union all
      select p.* from muster_past.undone(%1$L) u join public.%1$I t on t.id = u.entity_id
      cross join lateral jsonb_populate_record(t, u.undo) p where not u.is_unborn
      union all
      select p.* from muster_past.undone(%1$L) u cross join lateral jsonb_populate_record(null::public.%1$I, u.undo) p
      where not u.is_unborn and not exists (select from public.%1$I t where t.id = u.entity_id)$f$, relation);
  end loop;

  create view muster_past.os_events as select e.* from public.os_events e where muster_past.is_seen(e.xid, e.id, e.at);
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

  for relation, definition in
    select c.relname, pg_get_viewdef(c.oid) from pg_class c
    where c.relnamespace = 'muster_read'::regnamespace and c.relkind = 'v' order by c.oid
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

revoke all on function muster_past.now(), muster_past.is_seen(xid8, bigint, timestamptz), muster_past.undone(text), muster.drop_replay(),
  muster.rebuild_replay() from public;
-- A function in a view is run by whoever reads the view; without usage on the schema nobody can name it.
grant execute on function muster_past.now(), muster_past.is_seen(xid8, bigint, timestamptz), muster_past.undone(text) to muster_portal;
grant usage on schema muster_at to muster_portal;
