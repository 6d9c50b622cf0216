-- Claiming, advancing and beating on muster.write_claims. Reviews, stewards and refusals are judged as before.

-- Who may not claim is told so.
create function muster.assert_claimant(p_actor uuid) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if muster.is_steward(p_actor) then
    perform muster.fail('MU422', 'MUSTER_FIELD_PROTECTED', 'A steward holds no claims. Claim with an agent''s own token.');
  end if;
  perform muster.require_agent(p_actor);
end $$;

/*
 * Claims up to p_count of the best ready tasks. p_finished, a list of one with the task p_ending, is submitted in the same statement as
 * the first grant. Returns {submitted, grants, reason}, or null when p_ending is not held plainly: then nothing was written.
 */
create function muster.take_work(
  p_actor uuid, p_session text, p_options jsonb, p_count integer, p_ending uuid default null, p_finished jsonb default null
) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  agent record;
  project uuid;
  picked record;
  written jsonb;
  submitted jsonb;
  grants jsonb := '[]';
  reason text := 'nothing_ready';
  start bigint;
  looked integer := 0;
  moves_head boolean := false;
begin
  -- The row lock orders one agent's claims: two at once cannot both find the last free place.
  select a.id, a.name, a.status, a.model_family, a.capabilities, a.max_wip, exists (
      select from public.directus_users u join muster.config s on s.name = 'steward_roles'
        where u.id = p_actor and u.status = 'active' and s.value ? u.role::text) as is_steward,
      p_ending is null or exists (
        select from muster.leases l join public.os_claims c on c.task = l.task and c.ended_at is null and c.epoch = l.epoch
          where l.task = p_ending and l.holder = p_actor and l.kind = 'work'
            and coalesce(greatest(c.tokens_in, c.tokens_out), 0) <= 1000000000 and coalesce(c.cost_usd, 0) <= 10000000) as holds
    into agent from public.os_agents a where a."user" = p_actor for no key update of a;
  if agent.id is null or agent.is_steward or agent.status <> 'active' then
    if p_ending is not null then
      return null;
    end if;
    perform muster.assert_claimant(p_actor);
  elsif not agent.holds then
    return null;
  end if;
  if p_options ->> 'project' is not null then
    project := muster.find_project(p_options ->> 'project');
  end if;
  loop
    picked := muster.pick_work(p_actor, agent.id, agent.capabilities, agent.max_wip, project, p_options ->> 'class', start,
      p_count - jsonb_array_length(grants), case when submitted is null then p_ending end);
    if picked.tasks is not null or p_finished is not null and submitted is null then
      written := muster.write_claims(p_actor, agent.id, agent.name, agent.model_family, p_session,
        (p_options ->> 'lease_seconds')::integer, picked.tasks, case when submitted is null and p_ending is not null then array[p_ending] end,
        case when submitted is null then p_finished end);
      submitted := coalesce(submitted, written -> 'submitted');
      grants := grants || coalesce(nullif(written -> 'grants', 'null'), '[]');
      moves_head := moves_head or coalesce(picked.moves_head, false);
      exit when jsonb_array_length(grants) = p_count;
    end if;
    if picked.tasks is not null then
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
  return jsonb_build_object('submitted', submitted, 'grants', grants, 'reason', reason);
end $$;

-- Claims the best review, or answers that there is none. The caller has checked the arguments.
create function muster.take_review(p_actor uuid, p_session text, p_options jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  agent public.os_agents;
  project uuid;
  task public.os_tasks;
  wanted public.os_tasks;
begin
  perform muster.assert_claimant(p_actor);
  agent := muster.require_agent(p_actor);
  if p_options ->> 'project' is not null then
    project := muster.find_project(p_options ->> 'project');
  end if;
  if muster.count_held(p_actor, agent, 'review', null) >= agent.max_wip then
    return muster.nothing_answer('wip_limit');
  end if;
  task := muster.pick_review(p_actor, agent, p_session, project, p_options ->> 'class');
  if task.id is null then
    return muster.nothing_answer('nothing_ready');
  end if;
  wanted := task;
  wanted.claim_session := p_session;
  wanted.lease_seconds := coalesce((p_options ->> 'lease_seconds')::integer, task.lease_seconds);
  wanted := muster.judge_claim(task, wanted, '{}', p_actor, agent);
  return muster.grant_answer(muster.write_task(task, wanted, p_actor, 'review_claimed'));
end $$;
drop function muster.take_next(uuid, text, jsonb);

create function muster.take_next(p_actor uuid, p_session text, p_options jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  taken jsonb;
begin
  if p_options ->> 'kind' = 'review' then
    return muster.take_review(p_actor, p_session, p_options);
  end if;
  taken := muster.take_work(p_actor, p_session, p_options, 1);
  return coalesce(taken #> '{grants,0}', muster.nothing_answer(taken ->> 'reason'));
end $$;

create or replace function muster.claim_next(p_actor uuid, p_session text, p_options jsonb default '{}', p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments jsonb;
  answer jsonb;
begin
  if p_op is not null or p_actor is null then
    arguments := jsonb_build_object('session', p_session, 'options', p_options);
    answer := muster.find_operation(p_op, p_actor, 'claim_next', arguments);
    if answer is not null then
      return answer;
    end if;
  end if;
  perform muster.assert_claim_options(p_options, p_session);
  answer := muster.take_next(p_actor, p_session, p_options);
  -- Nothing is no outcome to keep: the same operation may find something later.
  if p_op is null or not (answer ->> 'claimed')::boolean then
    return answer;
  end if;
  return muster.record_operation(p_op, p_actor, 'claim_next', arguments, answer);
end $$;

create or replace function muster.claim_many(p_actor uuid, p_session text, p_count integer, p_options jsonb default '{}', p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('session', p_session, 'count', p_count, 'options', p_options);
  answer jsonb := muster.find_operation(p_op, p_actor, 'claim_many', arguments);
  grants jsonb := '[]';
  reason text;
begin
  if answer is not null then
    return answer;
  end if;
  perform muster.assert_claim_options(p_options, p_session);
  if p_count is null or p_count not between 1 and 100 then
    perform muster.refuse_value('count must be 1 to 100.');
  end if;
  if p_options ->> 'kind' = 'review' then
    for i in 1 .. p_count loop
      answer := muster.take_review(p_actor, p_session, p_options);
      reason := answer ->> 'reason';
      exit when reason is not null;
      grants := grants || answer;
    end loop;
  else
    answer := muster.take_work(p_actor, p_session, p_options, p_count);
    grants := answer -> 'grants';
    reason := case when jsonb_array_length(grants) < p_count then answer ->> 'reason' end;
  end if;
  answer := jsonb_build_object('claimed', jsonb_array_length(grants), 'grants', grants)
    || case when reason is null then '{}' else jsonb_build_object('reason', reason) end;
  if jsonb_array_length(grants) = 0 then
    return answer;
  end if;
  return muster.record_operation(p_op, p_actor, 'claim_many', arguments, answer);
end $$;

-- Submits and claims the next in one commit. A refused submission claims nothing.
create or replace function muster.advance(p_actor uuid, p_session text, p_finish jsonb, p_options jsonb default '{}', p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments jsonb;
  answer jsonb;
  task uuid;
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
  if p_options ->> 'kind' is distinct from 'review' and p_finish ->> 'fence' ~ '^[0-9]{1,9}$' and muster.is_plain_result(p_finish - array['task', 'fence']) then
    task := muster.task_id(p_finish ->> 'task');
    perform from public.os_tasks t
      where t.id = task and t.status = 'in_progress' and t.claim_epoch = (p_finish ->> 'fence')::integer
        and t.blocked_reason is null and t.blocked_owner is null and t.blocked_action is null and t.blocked_until is null
        and t.verified_at is null and t.verified_by is null
      for no key update;
    if found then
      answer := muster.take_work(p_actor, p_session, p_options, 1, task, jsonb_build_array(p_finish || jsonb_build_object('task', task)));
    end if;
  end if;
  if answer is not null then
    answer := jsonb_build_object('submitted', answer #> '{submitted,0}',
      'next', coalesce(answer #> '{grants,0}', muster.nothing_answer(answer ->> 'reason')));
  else
    answer := jsonb_build_object(
      'submitted', muster.task_state(muster.apply_submit(p_actor, p_finish ->> 'task', (p_finish ->> 'fence')::integer, p_finish - array['task', 'fence'])),
      'next', muster.take_next(p_actor, p_session, p_options));
  end if;
  return case when p_op is null then answer else muster.record_operation(p_op, p_actor, 'advance', arguments, answer) end;
end $$;

-- Prolongs the lease, and touches nothing but it.
create or replace function muster.heartbeat(p_actor uuid, p_task text, p_fence integer) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  beat muster.leases;
begin
  if p_actor is null then
    perform muster.fail('MU401', 'MUSTER_NO_ACTOR', 'The call names no user. Send a token; every call needs an authenticated user.');
  end if;
  if p_fence is null then
    perform muster.fail('MU428', 'MUSTER_FENCE_REQUIRED', 'Send "fence" with the claim_epoch you got when you claimed the task.');
  end if;
  if p_task ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' then
    update muster.leases l set heartbeat_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(secs => coalesce(l.seconds, 900))
      where l.task = p_task::uuid and l.epoch = p_fence and l.holder = p_actor
        and exists (select from public.os_agents a where a.id = l.agent and a.status = 'active')
      returning l.* into beat;
  end if;
  if beat.task is null then
    beat := muster.beat(p_actor, muster.find_task(p_task), p_fence);
  end if;
  if beat.task is null then
    perform muster.require_agent(p_actor);
    perform muster.fail('MU412', 'MUSTER_FENCED',
      format('Your claim (fence %s) is not the live one. Stop work on this task and read it again.', p_fence));
  end if;
  return jsonb_build_object('task', beat.task, 'fence', beat.epoch, 'lease_expires_at', beat.expires_at);
end $$;
