-- Sessions, the outbox's replay, and what one task looks like in one call.

create function muster.join_session(p_actor uuid, p_session text, p_info jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  me public.os_agents;
  made public.os_sessions;
begin
  if p_actor is null then
    perform muster.fail('MU401', 'MUSTER_NO_ACTOR', 'The call names no user. Send a token; every call needs an authenticated user.');
  end if;
  perform muster.assert_claim_options('{}', p_session);
  perform muster.assert_object('info', p_info, '{"client":"string","constitution_version":"string","constitution_hash":"string"}');
  me := muster.require_agent(p_actor);
  insert into public.os_sessions as s (agent, session, client, constitution_version, constitution_hash, user_created, started_at)
    values (me.id, p_session, p_info ->> 'client', p_info ->> 'constitution_version', p_info ->> 'constitution_hash', p_actor, clock_timestamp())
    on conflict (agent, session) do nothing returning * into made;
  if made.id is not null then
    perform muster.append_event('os_sessions', made.id, 1, 'created', p_actor, me.name, null, null, to_jsonb(made));
  else
    update public.os_sessions s set ended_at = null where s.agent = me.id and s.session = p_session and s.ended_at is not null;
  end if;
  return jsonb_build_object(
    'agent', jsonb_build_object('id', me.id, 'name', me.name, 'model_family', me.model_family, 'capabilities', me.capabilities, 'max_wip', me.max_wip),
    'session', p_session, 'incarnation', muster.incarnation(), 'server_now', clock_timestamp(),
    'claims', (select coalesce(jsonb_agg(jsonb_build_object('task', t.id, 'number', t.number, 'title', t.title, 'kind', l.kind, 'fence', l.epoch,
        'token', muster.incarnation() || '.' || l.epoch, 'session', l.session, 'lease_expires_at', l.expires_at) order by l.granted_at), '[]')
      from muster.leases l join public.os_tasks t on t.id = l.task where l.holder = p_actor));
end $$;

create function muster.end_session(p_actor uuid, p_session text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  agent public.os_agents;
  task public.os_tasks;
  released uuid[] := '{}';
  has_ended boolean;
begin
  if p_actor is null then
    perform muster.fail('MU401', 'MUSTER_NO_ACTOR', 'The call names no user. Send a token; every call needs an authenticated user.');
  end if;
  agent := muster.require_agent(p_actor);
  for task in
    select t.* from public.os_tasks t where t.assigned_to = p_actor and t.claim_session = p_session order by t.id for no key update
  loop
    perform muster.give_back(p_actor, task, task.claim_epoch);
    released := released || task.id;
  end loop;
  update public.os_sessions s set ended_at = clock_timestamp() where s.agent = agent.id and s.session = p_session and s.ended_at is null;
  has_ended := found;
  return jsonb_build_object('ended', has_ended, 'released', to_jsonb(released));
end $$;

create function muster.run_operation(p_actor uuid, p_op uuid, p_verb text, p_args jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  task constant text := p_args ->> 'task';
  fence constant integer := (p_args ->> 'fence')::integer;
  options constant jsonb := coalesce(nullif(p_args -> 'options', 'null'), '{}');
begin
  return case p_verb
    when 'submit' then muster.submit(p_actor, task, fence, p_args -> 'result', p_op)
    when 'release' then muster.release(p_actor, task, fence, p_args ->> 'reason', p_op)
    when 'fail' then muster.fail_task(p_actor, task, fence, p_args ->> 'reason', options, p_op)
    when 'block' then muster.block(p_actor, task, fence, p_args -> 'block', p_op)
    when 'verdict' then muster.verdict(p_actor, task, fence, p_args ->> 'verdict', p_args ->> 'evidence', options, p_op)
    when 'add_note' then muster.add_note(p_actor, task, p_args ->> 'body', coalesce(p_args ->> 'kind', 'note'), p_op)
    when 'add_task' then muster.add_task(p_actor, p_args -> 'task', p_op)
    when 'add_dependency' then muster.add_dependency(p_actor, task, p_args ->> 'depends_on', p_op)
    when 'report_usage' then muster.report_usage(p_actor, task, fence, p_args -> 'usage', p_op)
    when 'reserve_paths' then muster.reserve_paths(p_actor, task, fence, p_args -> 'paths', coalesce(p_args ->> 'mode', 'exclusive'),
      coalesce((p_args ->> 'seconds')::integer, 3600), p_op)
    when 'release_paths' then muster.release_paths(p_actor, task, nullif(p_args -> 'paths', 'null'), p_op)
    when 'claim' then muster.claim(p_actor, task, p_args ->> 'session', options, p_op)
    when 'heartbeat' then muster.heartbeat(p_actor, task, fence)
  end;
end $$;

-- An operation that an outbox kept while the board was away. A refusal is an answer here, recorded like any other, and the work of
-- a claim that has ended meanwhile stays as a note.
create function muster.apply_op(p_actor uuid, p_op uuid, p_operation jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  recorded muster.operations;
  verb constant text := p_operation ->> 'verb';
  args constant jsonb := coalesce(nullif(p_operation -> 'args', 'null'), '{}');
  answer jsonb;
  refusal_detail text;
begin
  perform muster.assert_object('operation', p_operation, '{"verb":"string","args":"object"}');
  if p_op is null or coalesce(verb, '') not in ('submit', 'release', 'fail', 'block', 'verdict', 'add_note', 'add_task', 'add_dependency',
    'report_usage', 'reserve_paths', 'release_paths', 'claim', 'heartbeat') then
    perform muster.refuse_value('An operation to replay needs its id and one of the verbs that an outbox may keep.');
  end if;
  if p_actor is null then
    perform muster.fail('MU401', 'MUSTER_NO_ACTOR', 'The call names no user. Send a token; every call needs an authenticated user.');
  end if;
  perform pg_advisory_xact_lock(hashtextextended(p_op::text, 0));
  select * into recorded from muster.operations o where o.op = p_op;
  if found then
    if recorded.actor <> p_actor then
      perform muster.fail('MU422', 'MUSTER_OPERATION_REUSED', 'This operation id belongs to another operation. Make a new id for each operation.');
    end if;
    return case when recorded.verb = 'apply_op' then recorded.answer || '{"result":"duplicate"}'
      else jsonb_build_object('result', 'duplicate', 'answer', recorded.answer, 'kept', null) end;
  end if;
  begin
    answer := muster.run_operation(p_actor, p_op, verb, args);
    return jsonb_build_object('result', 'applied', 'answer', answer, 'kept', null);
  exception when others then
    get stacked diagnostics refusal_detail = pg_exception_detail;
    answer := jsonb_build_object('result', 'rejected', 'error', muster.refusal_answer(sqlstate, sqlerrm, refusal_detail), 'kept', null);
  end;
  if answer #>> '{error,code}' in ('MUSTER_FENCED', 'MUSTER_NOT_HOLDER', 'MUSTER_CLAIM_REQUIRED')
    and verb in ('submit', 'release', 'fail', 'block', 'verdict')
    and exists (select from public.os_claims c where c.task = (select muster.find_task(args ->> 'task')) and c.epoch = (args ->> 'fence')::integer
      and c.holder = p_actor and c.ended_at is not null) then
    answer := answer || jsonb_build_object('kept', muster.keep_late(p_actor, args ->> 'task', (args ->> 'fence')::integer,
      jsonb_build_object('verb', verb) || (args - array['task', 'fence', 'result']) || coalesce(nullif(args -> 'result', 'null'), '{}')) -> 'note');
  end if;
  return muster.record_operation(p_op, p_actor, 'apply_op', p_operation, answer);
end $$;

create function muster.show_task(p_task text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  wanted constant uuid := muster.find_task(p_task);
  task public.os_tasks;
begin
  select * into task from public.os_tasks t where t.id = wanted;
  return jsonb_build_object(
    'task', muster.task_brief(task),
    'lease', (select jsonb_build_object('agent', a.name, 'kind', l.kind, 'fence', l.epoch, 'session', l.session, 'lease_expires_at', l.expires_at)
      from muster.leases l left join public.os_agents a on a.id = l.agent where l.task = task.id),
    'dependencies', (select coalesce(jsonb_agg(jsonb_build_object('number', t.number, 'title', t.title, 'status', t.status) order by t.number), '[]')
      from public.os_task_dependencies d join public.os_tasks t on t.id = d.depends_on where d.task = task.id),
    'dependents', (select coalesce(jsonb_agg(jsonb_build_object('number', t.number, 'title', t.title, 'status', t.status) order by t.number), '[]')
      from public.os_task_dependencies d join public.os_tasks t on t.id = d.task where d.depends_on = task.id),
    'notes', (select coalesce(jsonb_agg(n.entry), '[]') from (
      select jsonb_build_object('kind', x.kind, 'body', x.body, 'agent', a.name, 'at', x.date_created) as entry
        from public.os_notes x left join public.os_agents a on a.id = x.agent where x.task = task.id order by x.date_created desc limit 20) n),
    'claims', (select coalesce(jsonb_agg(jsonb_build_object('epoch', c.epoch, 'kind', c.kind, 'attempt', c.attempt, 'agent', a.name,
        'claimed_at', c.claimed_at, 'ended_at', c.ended_at, 'ended_by', c.ended_by, 'outcome', c.outcome) order by c.epoch), '[]')
      from public.os_claims c left join public.os_agents a on a.id = c.agent where c.task = task.id),
    'verifications', (select coalesce(jsonb_agg(jsonb_build_object('epoch', v.epoch, 'attempt', v.attempt, 'agent', a.name, 'verdict', v.verdict,
        'evidence', v.evidence, 'checks', v.checks, 'commit', v.commit_sha, 'at', v.date_created) order by v.epoch), '[]')
      from public.os_verifications v left join public.os_agents a on a.id = v.agent where v.task = task.id));
end $$;
