-- Reservations of paths, held by a live claim and ending with it. A holder reserves; a claim by others of a task that touches the
-- path is then refused.

-- The path without "./", leading and trailing slashes; null for one that leaves the repository or is empty.
create function muster.clean_path(p_path text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case when c.path <> '' and length(c.path) <= 500 and c.path !~ '(^|/)\.\.?(/|$)' and c.path !~ '[[:cntrl:]]' then c.path end
    from (select btrim(regexp_replace(regexp_replace(p_path, '^(\./)+', ''), '/+', '/', 'g'), '/') as path) c
$$;

create function muster.reserve_paths(
  p_actor uuid, p_task text, p_fence integer, p_paths jsonb, p_mode text default 'exclusive', p_seconds integer default 3600, p_op uuid default null
) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task, 'fence', p_fence, 'paths', p_paths, 'mode', p_mode, 'seconds', p_seconds);
  answer jsonb := muster.find_operation(p_op, p_actor, 'reserve_paths', arguments);
  task public.os_tasks;
  agent public.os_agents;
  wanted text;
  taken text;
  reservation public.os_reservations;
  before_row jsonb;
  made jsonb[] := '{}';
begin
  if answer is not null then
    return answer;
  end if;
  perform muster.assert_list('paths', p_paths);
  if p_mode is null or p_mode not in ('exclusive', 'shared') or p_seconds is null or p_seconds not between 15 and 86400 then
    perform muster.refuse_value('mode must be exclusive or shared, seconds 15 to 86400.');
  end if;
  if exists (select from jsonb_array_elements(p_paths) p where jsonb_typeof(p.value) <> 'string' or muster.clean_path(p.value #>> '{}') is null) then
    perform muster.refuse_value('Each path must be relative to the repository, without "..".');
  end if;
  task := muster.lock_task(p_task);
  agent := muster.require_agent(p_actor);
  perform muster.require_part(task, task, p_fence, p_actor);
  -- Two that reserve at once cannot both find the path free.
  perform pg_advisory_xact_lock(hashtext('muster.reservations'));
  for wanted in select distinct muster.clean_path(p.value) from jsonb_array_elements_text(p_paths) p order by 1 loop
    select a.name || ' (' || r.path || ')' into taken from public.os_reservations r join public.os_agents a on a.id = r.agent
      where r.released_at is null and r.expires_at > clock_timestamp() and (r.agent <> agent.id)
        and (r.mode = 'exclusive' or p_mode = 'exclusive')
        and (starts_with(r.path || '/', wanted || '/') or starts_with(wanted || '/', rtrim(r.path, '/') || '/')) limit 1;
    if taken is not null then
      perform muster.fail('MU409', 'MUSTER_PATH_RESERVED', format('%s is reserved by %s. Work on something else, or wait until the reservation ends.', wanted, taken));
    end if;
    select to_jsonb(r) into before_row from public.os_reservations r
      where r.task = task.id and r.agent = agent.id and r.path = wanted and r.released_at is null;
    if found then
      update public.os_reservations r set mode = p_mode, expires_at = clock_timestamp() + make_interval(secs => p_seconds)
        where r.id = (before_row ->> 'id')::uuid returning * into reservation;
    else
      insert into public.os_reservations (task, agent, path, mode, expires_at, user_created, date_created)
        values (task.id, agent.id, wanted, p_mode, clock_timestamp() + make_interval(secs => p_seconds), p_actor, clock_timestamp())
        returning * into reservation;
      perform muster.append_event('os_reservations', reservation.id, 1, 'created', p_actor, agent.name, p_fence, null, to_jsonb(reservation));
    end if;
    made := made || jsonb_build_object('path', reservation.path, 'mode', reservation.mode, 'expires_at', reservation.expires_at);
  end loop;
  return muster.record_operation(p_op, p_actor, 'reserve_paths', arguments, jsonb_build_object('reserved', to_jsonb(made)));
end $$;

create function muster.release_paths(p_actor uuid, p_task text, p_paths jsonb default null, p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task, 'paths', p_paths);
  answer jsonb := muster.find_operation(p_op, p_actor, 'release_paths', arguments);
  task public.os_tasks;
  released jsonb;
begin
  if answer is not null then
    return answer;
  end if;
  if p_paths is not null then
    perform muster.assert_list('paths', p_paths);
  end if;
  task := muster.lock_task(p_task);
  with gone as (
    update public.os_reservations r set released_at = clock_timestamp()
      from public.os_agents a
      where r.task = task.id and r.released_at is null and a.id = r.agent and (a."user" = p_actor or muster.is_steward(p_actor))
        and (p_paths is null or exists (select from jsonb_array_elements_text(p_paths) p where muster.clean_path(p.value) = r.path))
      returning r.path)
  select coalesce(jsonb_agg(g.path order by g.path), '[]') into released from gone g;
  return muster.record_operation(p_op, p_actor, 'release_paths', arguments, jsonb_build_object('released', released));
end $$;
