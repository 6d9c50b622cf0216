-- Time: heartbeats of holders, and the board's own pulse. A gateway calls muster.tick every 1 to 5 s; any number may, one does.

-- Prolongs the lease, and touches nothing but it.
create function muster.heartbeat(p_actor uuid, p_task text, p_fence integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  beat muster.leases;
begin
  if p_actor is null then
    perform muster.fail('MU401', 'MUSTER_NO_ACTOR', 'The call names no user. Send a token; every call needs an authenticated user.');
  end if;
  if p_fence is null then
    perform muster.fail('MU428', 'MUSTER_FENCE_REQUIRED', 'Send "fence" with the claim_epoch you got when you claimed the task.');
  end if;
  beat := muster.beat(p_actor, muster.find_task(p_task), p_fence);
  if beat.task is null then
    perform muster.require_agent(p_actor);
    perform muster.fail('MU412', 'MUSTER_FENCED',
      format('Your claim (fence %s) is not the live one. Stop work on this task and read it again.', p_fence));
  end if;
  return jsonb_build_object('task', beat.task, 'fence', beat.epoch, 'lease_expires_at', beat.expires_at);
end $$;

create function muster.beat(p_actor uuid, p_task uuid, p_fence integer) returns muster.leases
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  beat muster.leases;
begin
  update muster.leases l set heartbeat_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(secs => coalesce(l.seconds, 900))
    where l.task = p_task and l.epoch = p_fence and l.holder = p_actor
      and exists (select from public.os_agents a where a.id = l.agent and a.status = 'active')
    returning l.* into beat;
  return beat;
end $$;

create function muster.heartbeat_many(p_actor uuid, p_items jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  item record;
  beat muster.leases;
  renewed jsonb[] := '{}';
  stale jsonb[] := '{}';
begin
  if p_actor is null then
    perform muster.fail('MU401', 'MUSTER_NO_ACTOR', 'The call names no user. Send a token; every call needs an authenticated user.');
  end if;
  perform muster.assert_list('items', p_items);
  perform muster.assert_object('item', i.value, '{"task":"string","fence":"integer"}') from jsonb_array_elements(p_items) i;
  -- In one order, so that two of them cannot wait for each other.
  for item in
    select i.value, muster.find_task(i.value ->> 'task') as task, (i.value ->> 'fence')::integer as fence
      from jsonb_array_elements(p_items) i order by 2
  loop
    beat := muster.beat(p_actor, item.task, item.fence);
    if beat.task is null then
      stale := stale || jsonb_build_object('task', item.task, 'fence', item.fence);
    else
      renewed := renewed || jsonb_build_object('task', beat.task, 'fence', beat.epoch, 'lease_expires_at', beat.expires_at);
    end if;
  end loop;
  return jsonb_build_object('renewed', to_jsonb(renewed), 'stale', to_jsonb(stale));
end $$;

-- Whether a token is the live one, for whatever stands outside the board: a push, a merge, a deploy. "2.7" or "7".
create function muster.check_fence(p_task text, p_token text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  held constant uuid := muster.find_task(p_task);
  lease muster.leases;
  incarnation constant integer := muster.incarnation();
begin
  if coalesce(p_token, '') !~ '^([0-9]{1,9}\.)?[0-9]{1,9}$' then
    perform muster.refuse_value('token must look like 2.7 or 7.');
  end if;
  select * into lease from muster.leases l where l.task = held;
  if lease.task is null or lease.epoch <> split_part('.' || p_token, '.', -1)::integer
    or (strpos(p_token, '.') > 0 and split_part(p_token, '.', 1)::integer <> incarnation) then
    perform muster.fail('MU412', 'MUSTER_FENCED', format('Token %s is not the live one. Stop, and read the task again.', p_token),
      jsonb_build_object('claim_epoch', lease.epoch, 'incarnation', incarnation));
  end if;
  return jsonb_build_object('valid', true, 'task', held, 'fence', lease.epoch, 'incarnation', incarnation, 'kind', lease.kind,
    'agent', (select a.name from public.os_agents a where a.id = lease.agent), 'lease_expires_at', lease.expires_at);
end $$;

create table muster.pulse (
  one boolean not null default true constraint pulse_pkey primary key constraint pulse_one_check check (one),
  ticked_at timestamptz not null
);

create or replace function muster.set_config(p_name text, p_value jsonb) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  case p_name
    when 'steward_roles' then
      if jsonb_typeof(p_value) <> 'array' or jsonb_array_length(p_value) = 0 then
        raise exception 'steward_roles must be a list of at least one role id';
      end if;
      perform role_id::uuid from jsonb_array_elements_text(p_value) role_id;
    when 'agent_role', 'agent_policy', 'steward_role' then
      perform (p_value #>> '{}')::uuid;
    when 'lock_delay_seconds' then
      if (p_value #>> '{}')::integer not between 0 and 3600 then
        raise exception 'lock_delay_seconds must be 0 to 3600';
      end if;
    when 'outage_seconds' then
      if (p_value #>> '{}')::integer not between 1 and 3600 then
        raise exception 'outage_seconds must be 1 to 3600';
      end if;
    else
      raise exception 'no such setting: %', p_name;
  end case;
  insert into muster.config as c (name, value) values (p_name, p_value)
    on conflict (name) do update set value = excluded.value where c.value is distinct from excluded.value;
  return found;
end $$;

-- 15 s: three ticks of the slowest gateway. A longer pause was an outage, not the holders' silence.
create function muster.outage() returns interval
language sql stable set search_path = pg_catalog, pg_temp as $$
  select make_interval(secs => coalesce((select c.value::text::double precision from muster.config c where c.name = 'outage_seconds'), 15))
$$;

create function muster.is_pulse_steady() returns boolean
language sql volatile set search_path = pg_catalog, pg_temp as $$
  select not exists (select from muster.pulse p where p.ticked_at < clock_timestamp() - muster.outage())
$$;

-- Ends claims that are past their lease and the lock delay. Returns how many. Task before lease, and both looked at anew under
-- their locks: a heartbeat in the last moment counts.
create function muster.expire(p_limit integer) returns integer
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  lease muster.leases;
  task public.os_tasks;
  wanted public.os_tasks;
  ended integer := 0;
begin
  for lease in
    select l.* from muster.leases l where l.expires_at + muster.lock_delay() < clock_timestamp() order by l.task limit p_limit
  loop
    select * into task from public.os_tasks t where t.id = lease.task for no key update skip locked;
    continue when not found;
    perform from muster.leases l
      where l.task = lease.task and l.epoch = lease.epoch and l.expires_at + muster.lock_delay() < clock_timestamp() for update;
    continue when not found;
    wanted := muster.clear_claim(task);
    if lease.kind = 'work' then
      wanted.status := 'ready';
    end if;
    perform muster.end_claim(task.id, 'expired', 'expired');
    perform muster.write_task(task, muster.settle_status(wanted), null, 'expired');
    ended := ended + 1;
  end loop;
  return ended;
end $$;

-- Wakes tasks whose time has come. What needs a person, or has failed too often, waits for a person.
create function muster.wake(p_limit integer) returns integer
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks;
  wanted public.os_tasks;
  woken integer := 0;
begin
  for task in
    select t.* from public.os_tasks t
      where t.status = 'blocked' and t.blocked_until <= clock_timestamp() and t.blocked_type in ('transient', 'capability', 'dependency')
        and jsonb_array_length(t.acceptance) > 0 and not muster.has_open_dependency(t.id)
      order by t.blocked_until limit p_limit for no key update of t skip locked
  loop
    wanted := task;
    wanted.status := 'ready';
    perform muster.write_task(task, muster.settle_status(wanted), null, 'unblocked');
    woken := woken + 1;
  end loop;
  return woken;
end $$;

create function muster.tick(p_limit integer default 200) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  last_tick timestamptz;
  gap interval;
  extended integer := 0;
  expired integer;
  woken integer;
begin
  if p_limit is null or p_limit not between 1 and 10000 then
    perform muster.refuse_value('limit must be 1 to 10000.');
  end if;
  if not pg_try_advisory_xact_lock(hashtext('muster.tick')) then
    return '{"ran":false}';
  end if;
  select p.ticked_at into last_tick from muster.pulse p;
  gap := coalesce(clock_timestamp() - last_tick, interval '0');
  if gap > muster.outage() then
    -- Nobody could renew while the board was away: who was alive at the last tick gets that time back.
    update muster.leases l set heartbeat_at = l.heartbeat_at + gap, expires_at = l.expires_at + gap
      where l.task in (select k.task from muster.leases k where k.expires_at > last_tick and k.heartbeat_at <= last_tick order by k.task for update);
    get diagnostics extended = row_count;
  end if;
  expired := muster.expire(p_limit);
  woken := muster.wake(p_limit);
  delete from muster.operations o where o.ctid = any (array(
    select x.ctid from muster.operations x where x.at < clock_timestamp() - interval '30 days' limit p_limit));
  insert into muster.pulse as p (ticked_at) values (clock_timestamp()) on conflict (one) do update set ticked_at = excluded.ticked_at;
  perform muster.raise_queue_head();
  return jsonb_build_object('ran', true, 'expired', expired, 'unblocked', woken, 'extended', extended,
    'gap_seconds', round(extract(epoch from gap), 3));
end $$;

-- After a restore or a failover: what was granted since the backup is unknown here, so every earlier token is refused.
create function muster.new_incarnation(p_reason text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  -- More grants than a task gets between a backup and its loss: no epoch of the lost time comes back.
  leap constant integer := 1000;
  task public.os_tasks;
  wanted public.os_tasks;
  made integer;
begin
  if btrim(coalesce(p_reason, '')) = '' then
    perform muster.fail('MU422', 'MUSTER_REASON_REQUIRED', 'Say why: restore or failover. Send reason.');
  end if;
  update muster.instance i set incarnation = i.incarnation + 1 returning i.incarnation into made;
  -- A dump restored into a new cluster carries the old one's transaction ids: readers would wait for them for ever.
  if exists (select from public.os_events e where e.xid >= pg_snapshot_xmax(pg_current_snapshot())) then
    alter table public.os_events disable trigger os_events_10_append_only;
    update public.os_events e set xid = '0' where e.xid >= pg_snapshot_xmax(pg_current_snapshot());
    alter table public.os_events enable trigger os_events_10_append_only;
  end if;
  for task in select t.* from public.os_tasks t order by t.id for no key update loop
    wanted := task;
    wanted.claim_epoch := task.claim_epoch + leap;
    if task.claim_session is not null then
      wanted := muster.clear_claim(wanted);
      wanted.status := case task.status when 'in_progress' then 'ready' else task.status end;
      wanted.status_reason := p_reason;
      perform muster.end_claim(task.id, 'fenced', 'superseded');
    end if;
    perform muster.write_task(task, muster.settle_status(wanted), null, null);
  end loop;
  return jsonb_build_object('incarnation', made);
end $$;
