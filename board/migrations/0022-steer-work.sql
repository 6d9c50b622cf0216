-- What stewards do to claims, and what is kept of work that came too late.

-- Keeps what a fenced-off holder had made: a finding on the task, for whoever holds it now.
create function muster.keep_late(p_actor uuid, p_task text, p_fence integer, p_payload jsonb, p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task, 'fence', p_fence, 'payload', p_payload);
  answer jsonb := muster.find_operation(p_op, p_actor, 'keep_late', arguments);
  task public.os_tasks;
  claim public.os_claims;
begin
  if answer is not null then
    return answer;
  end if;
  task := muster.lock_task(p_task);
  select * into claim from public.os_claims c where c.task = task.id and c.epoch = p_fence and c.holder = p_actor;
  if not found or claim.ended_at is null then
    perform muster.fail('MU403', 'MUSTER_NOT_HOLDER',
      format('Late work is kept of claims that were yours and have ended; fence %s of %s is none.', coalesce(p_fence::text, 'none'), lower(muster.task_name(task))));
  end if;
  -- Two results for one task: the later grant's counts, this one was made for nothing.
  update public.os_claims c set outcome = 'duplicate'
    where c.id = claim.id and c.kind = 'work' and c.outcome in ('expired', 'superseded', 'discarded') and p_payload ?| array['commit', 'artifact']
      and exists (select from public.os_claims o where o.task = task.id and o.epoch > p_fence and o.kind = 'work' and o.ended_by = 'submitted');
  return muster.record_operation(p_op, p_actor, 'keep_late', arguments, jsonb_build_object('kept', true, 'note',
    muster.write_note(p_actor, task.id, 'finding',
      format(E'Late work of claim %s, which had ended (%s).\n%s', p_fence, claim.ended_by, left(jsonb_pretty(p_payload), 20000)))));
end $$;

create function muster.steal(p_actor uuid, p_task text, p_reason text, p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task, 'reason', p_reason);
  answer jsonb := muster.find_operation(p_op, p_actor, 'steal', arguments);
  task public.os_tasks;
  wanted public.os_tasks;
begin
  if answer is not null then
    return answer;
  end if;
  perform muster.require_steward(p_actor);
  task := muster.lock_task(p_task);
  if btrim(coalesce(p_reason, '')) = '' then
    perform muster.fail('MU422', 'MUSTER_REASON_REQUIRED', 'Whose claim is taken away may know why. Send reason.');
  end if;
  if task.claim_session is null then
    perform muster.fail('MU428', 'MUSTER_CLAIM_REQUIRED', format('Nobody holds %s; there is nothing to take away.', lower(muster.task_name(task))));
  end if;
  wanted := task;
  wanted.claim_session := null;
  wanted.status_reason := p_reason;
  return muster.record_operation(p_op, p_actor, 'steal', arguments, muster.task_state(muster.move_task(task, wanted, false, p_actor)));
end $$;

create function muster.set_status(p_actor uuid, p_task text, p_verb text, p_status text, p_reason text, p_op uuid) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task, 'reason', p_reason);
  answer jsonb := muster.find_operation(p_op, p_actor, p_verb, arguments);
  task public.os_tasks;
  wanted public.os_tasks;
begin
  if answer is not null then
    return answer;
  end if;
  perform muster.require_steward(p_actor);
  task := muster.lock_task(p_task);
  if p_verb = 'reopen' and task.status not in ('done', 'cancelled') then
    perform muster.fail('MU422', 'MUSTER_TRANSITION_ILLEGAL',
      format('%s is %s. Only a task that is done or cancelled is reopened.', muster.task_name(task), task.status), jsonb_build_object('status', task.status));
  end if;
  wanted := task;
  wanted.status := p_status;
  wanted.status_reason := p_reason;
  perform muster.require_transition(task, p_status, 'steward');
  return muster.record_operation(p_op, p_actor, p_verb, arguments, muster.task_state(muster.move_task(task, wanted, false, p_actor)));
end $$;

create function muster.reopen(p_actor uuid, p_task text, p_reason text, p_op uuid default null) returns jsonb
language sql security definer set search_path = pg_catalog, pg_temp as $$ select muster.set_status(p_actor, p_task, 'reopen', 'ready', p_reason, p_op) $$;

create function muster.cancel(p_actor uuid, p_task text, p_reason text, p_op uuid default null) returns jsonb
language sql security definer set search_path = pg_catalog, pg_temp as $$ select muster.set_status(p_actor, p_task, 'cancel', 'cancelled', p_reason, p_op) $$;
