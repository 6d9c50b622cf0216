-- The verbs on muster.grant_work and muster.submit_plainly; batches stay on muster.write_claims. What neither takes is judged as before.

drop function muster.take_work(uuid, text, jsonb, integer, uuid, jsonb);

-- Claims up to p_count of the best ready tasks. Returns {grants, reason}.
create function muster.take_work(p_actor uuid, p_session text, p_options jsonb, p_count integer) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  agent record;
  project uuid;
  picked record;
  granted jsonb;
  grants jsonb := '[]';
  reason text := 'nothing_ready';
  start bigint;
  looked integer := 0;
  moves_head boolean := false;
begin
  -- The row lock orders one agent's claims: two at once cannot both find the last free place.
  select a.id, a.name, a.status, a.model_family, a.capabilities, a.max_wip, exists (
      select from public.directus_users u join muster.config s on s.name = 'steward_roles'
        where u.id = p_actor and u.status = 'active' and s.value ? u.role::text) as is_steward
    into agent from public.os_agents a where a."user" = p_actor for no key update of a;
  if agent.id is null or agent.is_steward or agent.status <> 'active' then
    perform muster.assert_claimant(p_actor);
  end if;
  if p_options ->> 'project' is not null then
    project := muster.find_project(p_options ->> 'project');
  end if;
  loop
    picked := muster.pick_work(p_actor, agent.id, agent.capabilities, agent.max_wip, project, p_options ->> 'class', start,
      p_count - jsonb_array_length(grants), null);
    if picked.tasks is not null then
      if p_count = 1 then
        granted := muster.grant_work(p_actor, agent.id, agent.name, agent.model_family, p_session,
          (p_options ->> 'lease_seconds')::integer, picked.tasks[1]);
      else
        granted := muster.write_claims(p_actor, agent.id, agent.name, agent.model_family, p_session,
          (p_options ->> 'lease_seconds')::integer, picked.tasks, null, null) -> 'grants';
      end if;
      grants := grants || coalesce(nullif(granted, 'null'), '[]');
      moves_head := moves_head or picked.moves_head;
      exit when jsonb_array_length(grants) = p_count;
      start := picked.last_rank + 1;
    elsif (select count(*) from muster.leases l where l.holder = p_actor and l.kind = 'work' and l.expires_at > clock_timestamp()) >= agent.max_wip then
      reason := 'wip_limit';
      exit;
    elsif looked = 0 then
      -- Past the head there was nothing: look at all of it.
      looked := 1;
      start := 0;
    elsif looked = 1 and muster.is_pulse_steady() and muster.expire(8) > 0 then
      -- Work whose holder is gone, in case no tick has come by. After an outage only a tick decides, as it grants grace first.
      looked := 2;
      start := 0;
    else
      exit;
    end if;
  end loop;
  -- Every 64th claim moves the head, so that it keeps up between ticks.
  if moves_head then
    perform muster.raise_queue_head();
  end if;
  return jsonb_build_object('grants', grants, 'reason', reason);
end $$;

-- A claim that moved the head and was then rolled back leaves it past a task that is still there. Every tick therefore looks from the start.
create function muster.settle_queue_head() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if pg_try_advisory_xact_lock(hashtext('muster.queue'), 0) then
    perform setval('muster.queue_head', q.rank, true) from (select x.rank from muster.queue x order by x.rank limit 1) q;
  end if;
end $$;

create or replace function muster.tick(p_limit integer default 200) returns jsonb
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
  perform muster.settle_queue_head();
  return jsonb_build_object('ran', true, 'expired', expired, 'unblocked', woken, 'extended', extended,
    'gap_seconds', round(extract(epoch from gap), 3));
end $$;

create or replace function muster.submit(p_actor uuid, p_task text, p_fence integer, p_result jsonb, p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  arguments jsonb;
  answer jsonb;
begin
  if p_op is not null or p_actor is null then
    arguments := jsonb_build_object('task', p_task, 'fence', p_fence, 'result', p_result);
    answer := muster.find_operation(p_op, p_actor, 'submit', arguments);
    if answer is not null then
      return answer;
    end if;
  end if;
  if p_fence is not null and muster.is_plain_result(p_result) then
    answer := muster.submit_plainly(p_actor, muster.task_id(p_task), p_fence, p_result);
  end if;
  if answer is null then
    answer := muster.task_state(muster.apply_submit(p_actor, p_task, p_fence, p_result));
  end if;
  return case when p_op is null then answer else muster.record_operation(p_op, p_actor, 'submit', arguments, answer) end;
end $$;

-- Submits and claims the next in one commit. A refused submission claims nothing.
create or replace function muster.advance(p_actor uuid, p_session text, p_finish jsonb, p_options jsonb default '{}', p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  arguments jsonb;
  answer jsonb;
  result jsonb;
  submitted jsonb;
begin
  if p_op is not null or p_actor is null then
    arguments := jsonb_build_object('session', p_session, 'finish', p_finish, 'options', p_options);
    answer := muster.find_operation(p_op, p_actor, 'advance', arguments);
    if answer is not null then
      return answer;
    end if;
  end if;
  perform muster.assert_claim_options(p_options, p_session);
  if p_finish is null or jsonb_typeof(p_finish) <> 'object' or jsonb_typeof(p_finish -> 'fence') is distinct from 'number' then
    perform muster.refuse_value('finish must be an object with task, a whole number as fence, and commit or artifact.');
  end if;
  result := p_finish - array['task', 'fence'];
  if p_finish ->> 'fence' ~ '^[0-9]{1,9}$' and muster.is_plain_result(result) then
    submitted := muster.submit_plainly(p_actor, muster.task_id(p_finish ->> 'task'), (p_finish ->> 'fence')::integer, result);
  end if;
  if submitted is null then
    submitted := muster.task_state(muster.apply_submit(p_actor, p_finish ->> 'task', (p_finish ->> 'fence')::integer, result));
  end if;
  answer := jsonb_build_object('submitted', submitted, 'next', muster.take_next(p_actor, p_session, p_options));
  return case when p_op is null then answer else muster.record_operation(p_op, p_actor, 'advance', arguments, answer) end;
end $$;

revoke all on function muster.take_work(uuid, text, jsonb, integer), muster.settle_queue_head() from public;

-- What a verb calls is planned once, too: planning for the values of each of the first five calls cost a new connection more than the calls.
alter function muster.claim_next(uuid, text, jsonb, uuid) set plan_cache_mode = force_generic_plan;
alter function muster.claim_many(uuid, text, integer, jsonb, uuid) set plan_cache_mode = force_generic_plan;
alter function muster.complete_many(uuid, jsonb, uuid) set plan_cache_mode = force_generic_plan;
