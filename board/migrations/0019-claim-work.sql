-- Claiming through functions: the best ready task, a named one, or many.

-- What a claimant gets: the task, its fence, and what earlier attempts left behind.
create function muster.grant_answer(p_task public.os_tasks) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  previous jsonb := '[]';
  handoff jsonb;
begin
  if p_task.attempt > 0 then
    select coalesce(jsonb_agg(v.entry), '[]') into previous from (
      select jsonb_build_object('attempt', x.attempt, 'verdict', x.verdict, 'evidence', x.evidence, 'checks', x.checks, 'at', x.date_created) as entry
        from public.os_verifications x where x.task = p_task.id and x.verdict = 'fail' order by x.epoch desc limit 5) v;
  end if;
  select coalesce(jsonb_agg(n.entry), '[]') into handoff from (
    select jsonb_build_object('kind', x.kind, 'body', x.body, 'agent', a.name, 'at', x.date_created) as entry
      from public.os_notes x left join public.os_agents a on a.id = x.agent
      where x.task = p_task.id and x.kind in ('handoff', 'finding') order by x.date_created desc limit 5) n;
  return jsonb_build_object('claimed', true, 'kind', case when p_task.status = 'in_review' then 'review' else 'work' end,
    'task', muster.task_brief(p_task), 'fence', p_task.claim_epoch, 'token', muster.incarnation() || '.' || p_task.claim_epoch,
    'session', p_task.claim_session, 'lease_expires_at', p_task.lease_expires_at, 'lease_seconds', p_task.lease_seconds,
    'previous', previous, 'handoff', handoff);
end $$;

-- 5 s: an idle agent asks again soon enough and costs next to nothing.
create function muster.nothing_answer(p_reason text) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('claimed', false, 'reason', p_reason, 'retry_after_seconds', 5)
$$;

create function muster.assert_claim_options(p_options jsonb, p_session text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if p_options is distinct from '{}' then
    perform muster.assert_object('options', p_options, '{"project":"string","kind":"string","class":"string","lease_seconds":"integer"}');
    if p_options ->> 'kind' not in ('work', 'review') then
      perform muster.refuse_value('options.kind must be work or review.');
    end if;
    if (p_options ->> 'lease_seconds')::integer not between 15 and 86400 then
      perform muster.refuse_value('options.lease_seconds must be 15 to 86400.');
    end if;
  end if;
  if p_session is null or length(p_session) not between 1 and 200 or p_session ~ '[[:cntrl:]]' then
    perform muster.refuse_value('session must be a text of 1 to 200 characters that names your session.');
  end if;
end $$;

/*
 * The best ready task that this agent may take, locked; null: none. Looks from p_from on. Rows that others are claiming are
 * skipped, never waited for. Two steps instead of a join, and no plan but the index's: statistics lag behind a queue.
 */
create function muster.pick_work(p_agent public.os_agents, p_project uuid, p_class text, p_from bigint) returns public.os_tasks
language plpgsql set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare
  task public.os_tasks;
  candidate record;
  start bigint := p_from;
  seen integer;
begin
  loop
    exit when p_project is not null;
    seen := 0;
    for candidate in select q.task, q.rank from muster.queue q where q.rank >= start order by q.rank limit 500 loop
      seen := seen + 1;
      task := muster.try_task(candidate.task, p_agent, p_class);
      if task.id is not null then
        return task;
      end if;
    end loop;
    exit when seen < 500;
    start := candidate.rank + 1;
  end loop;
  if p_project is null then
    return null;
  end if;
  loop
    seen := 0;
    for candidate in
      select q.task, q.rank from muster.queue q where q.project = p_project and q.rank >= start order by q.rank limit 500
    loop
      seen := seen + 1;
      task := muster.try_task(candidate.task, p_agent, p_class);
      if task.id is not null then
        return task;
      end if;
    end loop;
    exit when seen < 500;
    start := candidate.rank + 1;
  end loop;
  return null;
end $$;

-- The task, locked, if this agent may take it now. Dependencies are seen anew under the lock: one may have been added since.
create function muster.try_task(p_task uuid, p_agent public.os_agents, p_class text) returns public.os_tasks
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks;
begin
  select * into task from public.os_tasks t
    where t.id = p_task and t.status = 'ready' and t.attempt < t.max_attempts and t.required_capabilities <@ p_agent.capabilities
      and (p_class is null or t.class = p_class) and (t.paths = '[]' or muster.reserved_paths(t.id, t.paths, p_agent.id) is null)
    for no key update skip locked;
  if found and muster.has_open_dependency(task.id) then
    return null;
  end if;
  return task;
end $$;

-- The oldest submission of the highest priority that this agent may verify, locked; null: none.
create function muster.pick_review(p_actor uuid, p_agent public.os_agents, p_session text, p_project uuid, p_class text) returns public.os_tasks
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks;
begin
  select t.* into task from public.os_tasks t
    where t.status = 'in_review' and t.claim_session is null
      and (p_project is null or t.project = p_project) and (p_class is null or t.class = p_class)
      and not exists (select from public.os_claims c where c.task = t.id and c.kind = 'work'
        and (c.holder = p_actor or c.agent = p_agent.id or c.session = p_session))
      and (t.risk = 'low' or not muster.is_family_shared(p_agent.model_family, (muster.judged_claim(t.id)).model_family))
      -- Whoever could not decide leaves it to others.
      and not exists (select from public.os_verifications v where v.task = t.id and v.verifier = p_actor
        and v.attempt = t.attempt + 1 and v.verdict = 'inconclusive')
    order by t.priority, t.submitted_at limit 1 for no key update of t skip locked;
  return task;
end $$;

-- Claims the best task, or answers that there is none. The caller has checked the arguments.
create function muster.take_next(p_actor uuid, p_session text, p_options jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  agent public.os_agents;
  kind constant text := coalesce(p_options ->> 'kind', 'work');
  project uuid;
  task public.os_tasks;
  wanted public.os_tasks;
  head bigint;
begin
  if muster.is_steward(p_actor) then
    perform muster.fail('MU422', 'MUSTER_FIELD_PROTECTED', 'A steward holds no claims. Claim with an agent''s own token.');
  end if;
  agent := muster.require_agent(p_actor);
  if p_options ->> 'project' is not null then
    project := muster.find_project(p_options ->> 'project');
  end if;
  if muster.count_held(p_actor, agent, kind, null) >= agent.max_wip then
    return muster.nothing_answer('wip_limit');
  end if;
  if kind = 'review' then
    task := muster.pick_review(p_actor, agent, p_session, project, p_options ->> 'class');
  else
    select h.last_value into head from muster.queue_head h;
    task := muster.pick_work(agent, project, p_options ->> 'class', head);
    if task.id is null and head > 0 then
      task := muster.pick_work(agent, project, p_options ->> 'class', 0);
    end if;
    -- Work whose holder is gone, in case no tick has come by. After an outage only a tick decides, as it grants grace first.
    if task.id is null and muster.is_pulse_steady() then
      if muster.expire(8) > 0 then
        task := muster.pick_work(agent, project, p_options ->> 'class', 0);
      end if;
    end if;
  end if;
  if task.id is null then
    return muster.nothing_answer('nothing_ready');
  end if;
  wanted := task;
  wanted.claim_session := p_session;
  wanted.lease_seconds := coalesce((p_options ->> 'lease_seconds')::integer, task.lease_seconds);
  wanted := muster.judge_claim(task, wanted, '{}', p_actor, agent);
  wanted := muster.write_task(task, wanted, p_actor, case when kind = 'review' then 'review_claimed' else 'claimed' end);
  -- Every 64th claim moves the head, so that it keeps up between ticks.
  if kind = 'work' and task.number % 64 = 0 then
    perform muster.raise_queue_head();
  end if;
  return muster.grant_answer(wanted);
end $$;

create function muster.claim_next(p_actor uuid, p_session text, p_options jsonb default '{}', p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('session', p_session, 'options', p_options);
  answer jsonb := muster.find_operation(p_op, p_actor, 'claim_next', arguments);
begin
  if answer is not null then
    return answer;
  end if;
  perform muster.assert_claim_options(p_options, p_session);
  answer := muster.take_next(p_actor, p_session, p_options);
  -- Nothing is no outcome to keep: the same operation may find something later.
  if not (answer ->> 'claimed')::boolean then
    return answer;
  end if;
  return muster.record_operation(p_op, p_actor, 'claim_next', arguments, answer);
end $$;

create function muster.claim(p_actor uuid, p_task text, p_session text, p_options jsonb default '{}', p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task, 'session', p_session, 'options', p_options);
  answer jsonb := muster.find_operation(p_op, p_actor, 'claim', arguments);
  task public.os_tasks;
  wanted public.os_tasks;
begin
  if answer is not null then
    return answer;
  end if;
  perform muster.assert_claim_options(p_options, p_session);
  if p_options - 'lease_seconds' <> '{}' then
    perform muster.refuse_value('options of a named task takes lease_seconds alone.');
  end if;
  task := muster.lock_task(p_task);
  wanted := task;
  wanted.claim_session := p_session;
  wanted.lease_seconds := coalesce((p_options ->> 'lease_seconds')::integer, task.lease_seconds);
  wanted := muster.move_task(task, wanted, true, p_actor);
  return muster.record_operation(p_op, p_actor, 'claim', arguments, muster.grant_answer(wanted));
end $$;

create function muster.claim_many(p_actor uuid, p_session text, p_count integer, p_options jsonb default '{}', p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('session', p_session, 'count', p_count, 'options', p_options);
  answer jsonb := muster.find_operation(p_op, p_actor, 'claim_many', arguments);
  grants jsonb[] := '{}';
begin
  if answer is not null then
    return answer;
  end if;
  perform muster.assert_claim_options(p_options, p_session);
  if p_count is null or p_count not between 1 and 100 then
    perform muster.refuse_value('count must be 1 to 100.');
  end if;
  for i in 1 .. p_count loop
    answer := muster.take_next(p_actor, p_session, p_options);
    exit when not (answer ->> 'claimed')::boolean;
    grants := grants || answer;
  end loop;
  answer := jsonb_build_object('claimed', cardinality(grants), 'grants', to_jsonb(grants))
    || case when (answer ->> 'claimed')::boolean then '{}' else jsonb_build_object('reason', answer ->> 'reason') end;
  if cardinality(grants) = 0 then
    return answer;
  end if;
  return muster.record_operation(p_op, p_actor, 'claim_many', arguments, answer);
end $$;
