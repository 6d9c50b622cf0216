-- Guards, grants and the end of a claim, grown: reservations end with their claim, leases know their length, locks come before counts.

-- Paths of other agents' exclusive reservations that overlap; null: none.
create function muster.reserved_paths(p_task uuid, p_paths jsonb, p_agent uuid) returns text
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if jsonb_array_length(p_paths) = 0 then
    return null;
  end if;
  return (
    select string_agg(distinct r.path, ', ')
      from public.os_reservations r cross join jsonb_array_elements_text(p_paths) p
      where r.mode = 'exclusive' and r.released_at is null and r.expires_at > clock_timestamp()
        and r.agent <> p_agent and r.task <> p_task
        and (starts_with(r.path || '/', rtrim(p.value, '/') || '/') or starts_with(p.value || '/', rtrim(r.path, '/') || '/')));
end $$;

create function muster.lock_delay() returns interval
language sql stable set search_path = pg_catalog, pg_temp as $$
  select make_interval(secs => coalesce((select c.value::text::double precision from muster.config c where c.name = 'lock_delay_seconds'), 10))
$$;

create or replace function muster.assert_claim_guards(p_guards text[], p_task public.os_tasks, p_actor uuid, p_agent public.os_agents) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  task_name constant text := muster.task_name(p_task);
  claim_kind constant text := case when p_task.status = 'in_review' then 'review' else 'work' end;
  lease muster.leases;
  free_at timestamptz;
  found_text text;
  held integer;
begin
  if 'lease_free' = any (p_guards) then
    select * into lease from muster.leases l where l.task = p_task.id;
    if found then
      free_at := lease.expires_at + muster.lock_delay();
    end if;
    if free_at > clock_timestamp() then
      perform muster.fail('MU409', 'MUSTER_CLAIM_CONFLICT',
        format('%s is claimed by %s until %s (epoch %s). Do not retry this task; claim another one that is ready.', task_name,
          coalesce((select a.name from public.os_agents a where a.id = lease.agent), 'another agent'),
          to_char(free_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), lease.epoch),
        jsonb_build_object('claim_epoch', lease.epoch, 'lease_expires_at', lease.expires_at));
    end if;
  end if;
  if 'dependencies' = any (p_guards) and muster.has_open_dependency(p_task.id) then
    select string_agg('#' || d.number, ', ' order by d.number) into found_text
      from public.os_task_dependencies e join public.os_tasks d on d.id = e.depends_on
      where e.task = p_task.id and d.status <> 'done';
    perform muster.fail('MU424', 'MUSTER_DEPENDENCY_OPEN',
      format('%s depends on %s, not done yet. Claim one of those, or another task.', task_name, found_text),
      jsonb_build_object('dependencies', found_text));
  end if;
  if 'capabilities' = any (p_guards) and not p_task.required_capabilities <@ p_agent.capabilities then
    select string_agg(r.value, ', ' order by r.value) into found_text
      from jsonb_array_elements_text(p_task.required_capabilities) r where not p_agent.capabilities ? r.value;
    perform muster.fail('MU403', 'MUSTER_CAPABILITY_MISSING',
      format('%s needs %s, which agent %s does not list. Claim a task that matches your capabilities.', task_name, found_text, p_agent.name));
  end if;
  if 'attempts' = any (p_guards) and p_task.attempt >= p_task.max_attempts then
    perform muster.fail('MU422', 'MUSTER_ATTEMPTS_EXHAUSTED',
      format('%s has used its %s attempts. A steward raises max_attempts or splits the task.', task_name, p_task.max_attempts));
  end if;
  if 'paths' = any (p_guards) then
    found_text := muster.reserved_paths(p_task.id, p_task.paths, p_agent.id);
    if found_text is not null then
      perform muster.fail('MU409', 'MUSTER_PATH_RESERVED',
        format('%s touches %s, reserved by another agent. Claim another task, or wait until the reservation ends.', task_name, found_text));
    end if;
  end if;
  if 'wip' = any (p_guards) then
    held := muster.count_held(p_actor, p_agent, claim_kind, p_task.id);
    if held >= p_agent.max_wip then
      perform muster.fail('MU429', 'MUSTER_WIP_LIMIT',
        format('You hold %s of %s tasks. Finish or release one first.', held, p_agent.max_wip));
    end if;
  end if;
end $$;

-- How many other tasks the agent holds. The row lock orders one agent's claims: two at once cannot both find the last free place.
create function muster.count_held(p_actor uuid, p_agent public.os_agents, p_kind text, p_task uuid) returns integer
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  held integer;
begin
  perform from public.os_agents a where a.id = p_agent.id for no key update;
  select count(*) into held from muster.leases l
    where l.holder = p_actor and l.kind = p_kind and l.task is distinct from p_task and l.expires_at > clock_timestamp();
  return held;
end $$;

-- Ends the live claim of the task, if there is one, and what it had reserved.
create or replace function muster.end_claim(p_task uuid, p_ended_by text, p_outcome text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.os_claims c set ended_at = clock_timestamp(), ended_by = p_ended_by,
    outcome = case when c.kind = 'work' then p_outcome end
    where c.task = p_task and c.ended_at is null;
  if found then
    delete from muster.leases l where l.task = p_task;
    update public.os_reservations r set released_at = clock_timestamp() where r.task = p_task and r.released_at is null;
  end if;
end $$;

create or replace function muster.grant_claim(p_task public.os_tasks, p_kind text, p_session text, p_actor uuid, p_agent public.os_agents)
returns public.os_tasks
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks := p_task;
  granted_at constant timestamptz := clock_timestamp();
begin
  perform muster.end_claim(p_task.id, 'expired', 'expired');
  task.claim_epoch := p_task.claim_epoch + 1;
  task.claim_session := p_session;
  task.assigned_to := p_actor;
  task.claimed_at := granted_at;
  task.lease_expires_at := granted_at + make_interval(secs => task.lease_seconds);
  insert into muster.leases (task, kind, epoch, session, holder, agent, granted_at, heartbeat_at, expires_at, seconds)
    values (task.id, p_kind, task.claim_epoch, p_session, p_actor, p_agent.id, granted_at, granted_at, task.lease_expires_at, task.lease_seconds);
  insert into public.os_claims (task, attempt, epoch, kind, agent, holder, session, model_family, claimed_at)
    values (task.id, task.attempt + 1, task.claim_epoch, p_kind, p_agent.id, p_actor, p_session, p_agent.model_family, granted_at);
  return task;
end $$;

create or replace function muster.renew_lease(p_task public.os_tasks) returns public.os_tasks
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks := p_task;
begin
  update muster.leases l
    set heartbeat_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(secs => p_task.lease_seconds), seconds = p_task.lease_seconds
    where l.task = p_task.id returning l.expires_at into task.lease_expires_at;
  return task;
end $$;
