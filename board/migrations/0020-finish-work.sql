-- Ending a claim through functions: the same judgement as a PATCH, plus what a PATCH cannot carry (reasons, checks, usage, late work).

create function muster.require_steward(p_actor uuid) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if not muster.is_steward(p_actor) then
    perform muster.fail('MU403', 'MUSTER_STEWARD_ONLY', 'Only a steward may do this. Ask one, or leave a note on the task.');
  end if;
end $$;

-- Writes a note in the actor's name and returns its id.
create function muster.write_note(p_actor uuid, p_task uuid, p_kind text, p_body text) returns uuid
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  note public.os_notes;
begin
  insert into public.os_notes (task, agent, kind, body, user_created, date_created)
    values (p_task, (select a.id from public.os_agents a where a."user" = p_actor), p_kind, p_body, p_actor, clock_timestamp())
    returning * into note;
  perform muster.append_event('os_notes', note.id, 1, 'created', p_actor, muster.actor_name(p_actor), null, null, to_jsonb(note));
  return note.id;
end $$;

-- Adds tokens and cost to a claim that the actor held.
create function muster.add_usage(p_actor uuid, p_task uuid, p_epoch integer, p_usage jsonb) returns uuid
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  claim uuid;
begin
  if least((p_usage ->> 'tokens_in')::integer, (p_usage ->> 'tokens_out')::integer, (p_usage ->> 'cost_usd')::numeric) < 0 then
    perform muster.refuse_value('tokens_in, tokens_out and cost_usd may not be negative.');
  end if;
  update public.os_claims c set
    tokens_in = coalesce(c.tokens_in + (p_usage ->> 'tokens_in')::integer, (p_usage ->> 'tokens_in')::integer, c.tokens_in),
    tokens_out = coalesce(c.tokens_out + (p_usage ->> 'tokens_out')::integer, (p_usage ->> 'tokens_out')::integer, c.tokens_out),
    cost_usd = coalesce(c.cost_usd + (p_usage ->> 'cost_usd')::numeric, (p_usage ->> 'cost_usd')::numeric, c.cost_usd)
    where c.task = p_task and c.epoch = p_epoch and c.holder = p_actor returning c.id into claim;
  return claim;
end $$;

create function muster.apply_submit(p_actor uuid, p_task text, p_fence integer, p_result jsonb) returns public.os_tasks
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks;
  wanted public.os_tasks;
begin
  perform muster.assert_object('result', p_result,
    '{"commit":"string","artifact":"string","closing_note":"string","tokens_in":"integer","tokens_out":"integer","cost_usd":"number"}');
  task := muster.lock_task(p_task);
  wanted := task;
  wanted.status := 'in_review';
  wanted.fence := p_fence;
  wanted.submitted_commit := p_result ->> 'commit';
  wanted.submitted_artifact := p_result ->> 'artifact';
  wanted.closing_note := coalesce(p_result ->> 'closing_note', task.closing_note);
  -- A verifier who submits would change nothing of its status; a submission is the holder's alone.
  if task.status = 'in_review' and not muster.is_steward(p_actor) then
    perform muster.require_part(task, wanted, p_fence, p_actor);
    perform muster.require_transition(task, 'in_progress', 'verifier');
  end if;
  wanted := muster.move_task(task, wanted, false, p_actor);
  if p_result ?| array['tokens_in', 'tokens_out', 'cost_usd'] then
    perform muster.add_usage(p_actor, task.id, p_fence, p_result);
  end if;
  return wanted;
end $$;

create function muster.submit(p_actor uuid, p_task text, p_fence integer, p_result jsonb, p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task, 'fence', p_fence, 'result', p_result);
  answer jsonb := muster.find_operation(p_op, p_actor, 'submit', arguments);
begin
  if answer is not null then
    return answer;
  end if;
  return muster.record_operation(p_op, p_actor, 'submit', arguments,
    muster.task_state(muster.apply_submit(p_actor, p_task, p_fence, p_result)));
end $$;

-- Gives a claim back: work becomes ready again, a review waits for another verifier.
create function muster.give_back(p_actor uuid, p_task public.os_tasks, p_fence integer) returns public.os_tasks
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  wanted public.os_tasks := p_task;
begin
  wanted.fence := p_fence;
  if p_task.status = 'in_review' then
    wanted.claim_session := null;
  else
    wanted.status := 'ready';
  end if;
  if not muster.is_steward(p_actor) then
    -- Before a look at what would change: of a task that is ready already, nothing would.
    perform muster.require_part(p_task, wanted, p_fence, p_actor);
  elsif p_task.claim_session is null then
    perform muster.fail('MU428', 'MUSTER_CLAIM_REQUIRED', format('Nobody holds %s.', lower(muster.task_name(p_task))));
  end if;
  return muster.move_task(p_task, wanted, false, p_actor);
end $$;

create function muster.release(p_actor uuid, p_task text, p_fence integer, p_reason text default null, p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task, 'fence', p_fence, 'reason', p_reason);
  answer jsonb := muster.find_operation(p_op, p_actor, 'release', arguments);
  task public.os_tasks;
begin
  if answer is not null then
    return answer;
  end if;
  task := muster.give_back(p_actor, muster.lock_task(p_task), p_fence);
  if btrim(coalesce(p_reason, '')) <> '' then
    perform muster.write_note(p_actor, task.id, 'handoff', p_reason);
  end if;
  return muster.record_operation(p_op, p_actor, 'release', arguments, muster.task_state(task));
end $$;

create function muster.apply_block(p_actor uuid, p_task public.os_tasks, p_fence integer, p_block jsonb) returns public.os_tasks
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  wanted public.os_tasks := p_task;
begin
  perform muster.assert_object('block', p_block, '{"type":"string","reason":"string","owner":"string","action":"string","until":"string"}');
  wanted.status := 'blocked';
  wanted.fence := p_fence;
  wanted.blocked_type := p_block ->> 'type';
  wanted.blocked_reason := p_block ->> 'reason';
  wanted.blocked_owner := p_block ->> 'owner';
  wanted.blocked_action := p_block ->> 'action';
  wanted.blocked_until := (p_block ->> 'until')::timestamptz;
  return muster.move_task(p_task, wanted, false, p_actor);
end $$;

create function muster.block(p_actor uuid, p_task text, p_fence integer, p_block jsonb, p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task, 'fence', p_fence, 'block', p_block);
  answer jsonb := muster.find_operation(p_op, p_actor, 'block', arguments);
begin
  if answer is not null then
    return answer;
  end if;
  return muster.record_operation(p_op, p_actor, 'block', arguments,
    muster.task_state(muster.apply_block(p_actor, muster.lock_task(p_task), p_fence, p_block)));
end $$;

-- The attempt failed by its holder's own word: what was learnt goes to the next one.
create function muster.fail_task(
  p_actor uuid, p_task text, p_fence integer, p_reason text, p_options jsonb default '{}', p_op uuid default null
) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task, 'fence', p_fence, 'reason', p_reason, 'options', p_options);
  answer jsonb := muster.find_operation(p_op, p_actor, 'fail_task', arguments);
  task public.os_tasks;
  wait_seconds constant integer := coalesce((p_options ->> 'retry_after_seconds')::integer, 0);
begin
  if answer is not null then
    return answer;
  end if;
  perform muster.assert_object('options', p_options, '{"retry_after_seconds":"integer","retry":"boolean"}');
  if wait_seconds not between 0 and 86400 then
    perform muster.refuse_value('options.retry_after_seconds must be 0 to 86400.');
  end if;
  if btrim(coalesce(p_reason, '')) = '' then
    perform muster.fail('MU422', 'MUSTER_REASON_REQUIRED', 'Say why the attempt failed: the next holder starts from it. Send reason.');
  end if;
  task := muster.lock_task(p_task);
  task := case
    when not coalesce((p_options ->> 'retry')::boolean, true) then muster.apply_block(p_actor, task, p_fence, jsonb_build_object(
      'type', 'needs_human', 'reason', p_reason, 'owner', 'steward', 'action', 'Mend what failed, split the task or cancel it.'))
    when wait_seconds > 0 and task.status = 'in_progress' then muster.apply_block(p_actor, task, p_fence, jsonb_build_object(
      'type', 'transient', 'reason', p_reason, 'until', clock_timestamp() + make_interval(secs => wait_seconds)))
    else muster.give_back(p_actor, task, p_fence) end;
  perform muster.write_note(p_actor, task.id, 'handoff', p_reason);
  return muster.record_operation(p_op, p_actor, 'fail_task', arguments, muster.task_state(task));
end $$;

-- Refuses checks of the wrong shape, a pass over a failed check, and a verdict on another commit than the submitted one.
create function muster.assert_checks(p_task public.os_tasks, p_verdict text, p_options jsonb) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  checks constant jsonb := coalesce(p_options -> 'checks', '[]');
begin
  perform muster.assert_object('check', c.value, '{"command":"string","exit_code":"integer","log_sha256":"string"}') from jsonb_array_elements(checks) c;
  if exists (select from jsonb_array_elements(checks) c where c.value ->> 'command' is null or c.value ->> 'exit_code' is null) then
    perform muster.refuse_value('Each check names its command and exit_code.');
  end if;
  if p_verdict = 'pass' and exists (select from jsonb_array_elements(checks) c where (c.value ->> 'exit_code')::integer <> 0) then
    perform muster.fail('MU422', 'MUSTER_EVIDENCE_REQUIRED', 'A check failed, so this is no pass. Send verdict fail, or run the checks again.');
  end if;
  if p_options ->> 'commit' is distinct from p_task.submitted_commit and p_options ->> 'commit' is not null then
    perform muster.fail('MU422', 'MUSTER_EVIDENCE_REQUIRED',
      format('You judged commit %s, but %s was submitted. Check that one.', p_options ->> 'commit', coalesce(p_task.submitted_commit, 'none')));
  end if;
end $$;

create function muster.verdict(
  p_actor uuid, p_task text, p_fence integer, p_verdict text, p_evidence text, p_options jsonb default '{}', p_op uuid default null
) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task, 'fence', p_fence, 'verdict', p_verdict, 'evidence', p_evidence, 'options', p_options);
  answer jsonb := muster.find_operation(p_op, p_actor, 'verdict', arguments);
  task public.os_tasks;
  wanted public.os_tasks;
  judged public.os_claims;
  agent public.os_agents;
  verification uuid;
begin
  if answer is not null then
    return answer;
  end if;
  perform muster.assert_object('options', p_options,
    '{"checks":"array","commit":"string","closing_note":"string","tokens_in":"integer","tokens_out":"integer","cost_usd":"number"}');
  if coalesce(p_verdict, '') not in ('pass', 'fail', 'inconclusive') then
    perform muster.refuse_value('verdict must be pass, fail or inconclusive.');
  end if;
  task := muster.lock_task(p_task);
  wanted := task;
  wanted.fence := p_fence;
  if muster.is_steward(p_actor) then
    if task.status <> 'in_review' then
      perform muster.require_transition(task, 'done', 'steward');
    elsif p_verdict = 'inconclusive' then
      perform muster.refuse_value('A steward decides: send pass or fail, or leave the review to an agent.');
    end if;
  elsif muster.require_part(task, wanted, p_fence, p_actor) <> 'verifier' then
    perform muster.require_transition(task, 'done', 'holder');
  end if;
  if btrim(coalesce(p_evidence, '')) = '' then
    perform muster.fail('MU422', 'MUSTER_EVIDENCE_REQUIRED', 'A verdict needs evidence: what was run, where, and what came out. Send evidence.');
  end if;
  perform muster.assert_checks(task, p_verdict, p_options);
  if p_verdict = 'inconclusive' then
    judged := muster.judged_claim(task.id);
    agent := muster.require_agent(p_actor);
    insert into public.os_verifications
      (task, claim, attempt, epoch, verifier, agent, model_family, session, verdict, evidence, checks, commit_sha, date_created)
      values (task.id, judged.id, task.attempt + 1, task.claim_epoch, p_actor, agent.id, agent.model_family, task.claim_session,
        p_verdict, p_evidence, coalesce(p_options -> 'checks', '[]'), task.submitted_commit, clock_timestamp())
      returning id into verification;
    wanted := muster.give_back(p_actor, task, p_fence);
  else
    wanted.status := case p_verdict when 'pass' then 'done' else 'ready' end;
    wanted.evidence := p_evidence;
    wanted.closing_note := coalesce(p_options ->> 'closing_note', task.closing_note);
    wanted := muster.move_task(task, wanted, false, p_actor);
    select v.id into verification from public.os_verifications v where v.task = task.id order by v.epoch desc, v.date_created desc limit 1;
    if jsonb_array_length(coalesce(p_options -> 'checks', '[]')) > 0 then
      update public.os_verifications v set checks = p_options -> 'checks' where v.id = verification;
    end if;
  end if;
  if p_options ?| array['tokens_in', 'tokens_out', 'cost_usd'] then
    perform muster.add_usage(p_actor, task.id, p_fence, p_options);
  end if;
  return muster.record_operation(p_op, p_actor, 'verdict', arguments,
    muster.task_state(wanted) || jsonb_build_object('verification', verification));
end $$;
