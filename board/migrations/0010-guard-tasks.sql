-- The triggers of os_tasks. Order is by name: 05 marks, 10 judges and bumps version, 20 refuses what 10 has not judged.
-- The bypass for the board's own functions is each trigger's WHEN, never a setting and never a test in a body.

create function muster.judge_claim(p_old public.os_tasks, p_new public.os_tasks, p_fields jsonb, p_actor uuid, p_agent public.os_agents)
returns public.os_tasks
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks := p_new;
  lease muster.leases;
  kind constant text := case when p_old.status = 'in_review' then 'review' else 'work' end;
  target constant text := case when p_old.status = 'in_review' then 'in_review' else 'in_progress' end;
  transition muster.transitions;
begin
  if p_fields - array['claim_session', 'lease_seconds', 'status'] <> '{}' then
    perform muster.fail('MU428', 'MUSTER_FENCE_REQUIRED',
      'Send claim_session alone to claim. Then send the other fields with "fence" set to the claim_epoch you got.');
  end if;
  if p_new.status not in (p_old.status, target) then
    perform muster.require_transition(p_old, p_new.status, 'agent');
  end if;
  task.status := p_old.status;
  select * into lease from muster.leases l where l.task = p_old.id;
  if found and lease.holder = p_actor and lease.session = p_new.claim_session then
    return muster.renew_lease(task);
  end if;
  if p_old.status not in ('ready', 'in_progress', 'in_review') then
    perform muster.fail('MU422', 'MUSTER_NOT_CLAIMABLE',
      format('%s is %s and cannot be claimed. Claim a task that is ready, or one in_review to verify it.', muster.task_name(p_old), p_old.status),
      jsonb_build_object('status', p_old.status));
  end if;
  transition := muster.require_transition(p_old, target, 'agent');
  perform muster.assert_guards(transition.guards, p_old, p_new, p_actor, p_agent, null);
  if kind = 'work' then
    task.status := target;
    task.submitted_commit := null;
    task.submitted_artifact := null;
    task.submitted_at := null;
    task.submitted_by := null;
  end if;
  return muster.grant_claim(task, kind, p_new.claim_session, p_actor, p_agent);
end $$;

-- The part the agent has in this task, proven by its fence: 'holder', 'verifier', or 'author' of a task in triage.
create function muster.require_part(p_old public.os_tasks, p_new public.os_tasks, p_fence integer, p_actor uuid) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  lease muster.leases;
  task_name constant text := muster.task_name(p_old);
  epoch_fact constant jsonb := jsonb_build_object('claim_epoch', p_old.claim_epoch);
begin
  select * into lease from muster.leases l where l.task = p_old.id;
  if p_fence is not null and (lease.task is null or lease.holder is distinct from p_actor or p_fence <> p_old.claim_epoch) then
    perform muster.fail('MU412', 'MUSTER_FENCED', format(
      'Your claim on %s (fence %s) is not the live one (epoch %s%s). Stop work on it and read it again; to claim, send claim_session without fence.',
      lower(task_name), p_fence, p_old.claim_epoch, case when lease.task is null then ', ended' else '' end), epoch_fact);
  end if;
  if lease.task is null then
    if p_old.status = 'triage' and p_new.status = 'triage' and p_old.user_created = p_actor then
      return 'author';
    end if;
    if p_old.status in ('triage', 'blocked', 'done', 'cancelled') then
      perform muster.fail('MU403', 'MUSTER_STEWARD_ONLY',
        format('%s is %s: only a steward changes it. Leave a note, or claim a task that is ready.', task_name, p_old.status));
    end if;
    perform muster.fail('MU428', 'MUSTER_CLAIM_REQUIRED',
      format('You do not hold %s. Claim it first: {"claim_session":"<nonce of your session>"}.', lower(task_name)));
  end if;
  if lease.holder is distinct from p_actor then
    perform muster.fail('MU403', 'MUSTER_NOT_HOLDER', format('%s is held by %s. Leave it; claim another task that is ready.', task_name,
      coalesce((select a.name from public.os_agents a where a.id = lease.agent), 'another agent')), epoch_fact);
  end if;
  if p_fence is null then
    perform muster.fail('MU428', 'MUSTER_FENCE_REQUIRED',
      format('Send "fence" with the claim_epoch you got when you claimed %s.', lower(task_name)));
  end if;
  return case when lease.kind = 'review' then 'verifier' else 'holder' end;
end $$;

create function muster.judge_agent(
  p_old public.os_tasks, p_new public.os_tasks, p_fields jsonb, p_is_session_named boolean, p_actor uuid
) returns public.os_tasks
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks := p_new;
  agent constant public.os_agents := muster.require_agent(p_actor);
  transition muster.transitions;
  part text;
begin
  task.fence := null;
  task.evidence := null;
  if p_is_session_named and p_new.claim_session is not null and p_new.fence is null then
    return muster.judge_claim(p_old, task, p_fields, p_actor, agent);
  end if;
  part := muster.require_part(p_old, p_new, p_new.fence, p_actor);
  perform muster.assert_columns(part, p_fields);
  if p_fields ? 'claim_session' and p_new.claim_session is not null then
    perform muster.fail('MU422', 'MUSTER_FIELD_PROTECTED', 'claim_session stays as it is while you hold the claim. Leave it out.');
  end if;
  -- Clearing the session gives the claim back.
  if p_fields ? 'claim_session' and p_old.status = 'in_progress' and p_new.status = 'in_progress' then
    task.status := 'ready';
  end if;
  task.claim_session := p_old.claim_session;
  if task.status = p_old.status and not (p_fields ? 'claim_session' and part = 'verifier') then
    if p_fields ? 'evidence' then
      perform muster.fail('MU422', 'MUSTER_TRANSITION_ILLEGAL', 'Evidence goes with a verdict: send status done or ready with it.');
    end if;
    perform muster.assert_phase(task);
    return case when part = 'author' then task else muster.renew_lease(task) end;
  end if;
  transition := muster.require_transition(p_old, task.status, part);
  perform muster.assert_guards(transition.guards, p_old, task, p_actor, agent, p_new.evidence);
  case transition.intent
    when 'pass', 'fail' then
      task := muster.apply_verdict(task, p_actor, agent, p_old.claim_session, p_new.evidence);
      perform muster.end_claim(task.id, 'verdict', null);
    when 'submit' then
      task.submitted_at := clock_timestamp();
      task.submitted_by := p_actor;
      perform muster.end_claim(task.id, 'submitted', null);
    when 'block' then
      perform muster.end_claim(task.id, 'blocked', null);
    else
      perform muster.end_claim(task.id, 'released', 'discarded');
  end case;
  return muster.settle_status(muster.clear_claim(task));
end $$;

create function muster.judge_steward(p_old public.os_tasks, p_new public.os_tasks, p_fields jsonb, p_actor uuid) returns public.os_tasks
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks := p_new;
  transition muster.transitions;
  is_claim_taken constant boolean := p_fields ?| array['claim_session', 'assigned_to'];
begin
  if coalesce(p_fields -> 'claim_session', 'null') <> 'null' or coalesce(p_fields -> 'assigned_to', 'null') <> 'null' then
    perform muster.fail('MU422', 'MUSTER_FIELD_PROTECTED',
      'A steward holds no claims. Clear claim_session to take a claim away; claim with an agent''s own token.');
  end if;
  perform muster.assert_columns('steward', p_fields - 'assigned_to');
  task.fence := null;
  task.evidence := null;
  task.assigned_to := p_old.assigned_to;
  task.claim_session := p_old.claim_session;
  if is_claim_taken and p_old.status = 'in_progress' and p_new.status = 'in_progress' then
    task.status := 'ready';
  end if;
  perform muster.assert_phase(task);
  if task.status <> p_old.status then
    transition := muster.require_transition(p_old, task.status, 'steward');
    perform muster.assert_guards(transition.guards, p_old, task, p_actor, null, p_new.evidence);
  elsif task.status not in ('triage', 'blocked', 'cancelled') then
    perform muster.assert_guards(array['acceptance'], p_old, task, p_actor, null, null);
  end if;
  if p_new.evidence is not null and coalesce(transition.intent, '') not in ('pass', 'fail') then
    perform muster.fail('MU422', 'MUSTER_TRANSITION_ILLEGAL', 'Evidence goes with a verdict: send status done or ready with it.');
  end if;
  if task.status = p_old.status and not is_claim_taken then
    return task;
  end if;
  -- Whoever held it is fenced off.
  perform muster.end_claim(task.id, 'fenced', 'superseded');
  task.claim_epoch := p_old.claim_epoch + 1;
  if transition.intent in ('pass', 'fail') then
    task := muster.apply_verdict(task, p_actor, null, null, p_new.evidence);
  end if;
  return muster.settle_status(muster.clear_claim(task));
end $$;

-- A write that names claim_session with the value it has looks like one that leaves it out. This trigger sees the difference.
create function muster.mark_named_session() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  new.claim_session := chr(1) || coalesce(new.claim_session, chr(2));
  return new;
end $$;

create function muster.judge_task_update() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  actor constant uuid := muster.require_actor(new.user_updated);
  is_session_named constant boolean := coalesce(starts_with(new.claim_session, chr(1)), false);
  is_steward constant boolean := muster.is_steward(actor);
  fields jsonb;
begin
  if is_session_named then
    new.claim_session := nullif(substr(new.claim_session, 2), chr(2));
  end if;
  fields := muster.changed_fields(to_jsonb(old), to_jsonb(new)) - array['user_updated', 'date_updated'];
  -- An empty PATCH, or one that only nests a note, changes nothing and needs no fence.
  if fields = '{}' and (is_steward or not is_session_named or new.claim_session is null) then
    return old;
  end if;
  if new.version is distinct from old.version then
    perform muster.fail('MU412', 'MUSTER_STALE_VERSION',
      format('%s is at version %s, you sent %s. Read it again, then send the version you read.', muster.task_name(old), old.version, new.version),
      jsonb_build_object('version', old.version));
  end if;
  if is_steward then
    new := muster.judge_steward(old, new, fields, actor);
  else
    new := muster.judge_agent(old, new, fields, is_session_named, actor);
  end if;
  new.version := old.version + 1;
  new.date_updated := clock_timestamp();
  return new;
end $$;

create function muster.refuse_raw_task_write() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  unsorted public.os_tasks := new;
begin
  unsorted.sort := old.sort;
  if unsorted is distinct from old and new.version <> old.version + 1 then
    perform muster.fail('MU403', 'MUSTER_RAW_WRITE',
      format('%s was written past the API. Write through the items API or call the board''s functions.', muster.task_name(old)));
  end if;
  return new;
end $$;

create function muster.judge_task_insert() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  actor constant uuid := muster.require_actor(new.user_created);
  who constant text := case when muster.is_steward(actor) then 'steward' else 'agent' end;
  blank public.os_tasks;
begin
  if who = 'agent' then
    perform muster.require_agent(actor);
    if new.status = 'ready' then
      perform muster.fail('MU403', 'MUSTER_STEWARD_ONLY', 'Agents create tasks in triage; a steward makes them ready. Leave status out.');
    end if;
  end if;
  blank.status := 'new';
  blank.number := nextval('public.os_tasks_number_seq');
  new.number := blank.number;
  perform muster.assert_guards((muster.require_transition(blank, new.status, who)).guards, blank, new, actor, null, null);
  perform muster.assert_phase(new);
  -- What belongs to the board starts from nothing, whatever was sent: a copied task is a new one.
  new.origin := 'live';
  new.date_created := clock_timestamp();
  new.attempt := 0;
  new.claim_epoch := 0;
  new.version := 1;
  new.fence := null;
  new.evidence := null;
  new.submitted_commit := null;
  new.submitted_artifact := null;
  new.submitted_at := null;
  new.submitted_by := null;
  return muster.settle_status(muster.clear_claim(new));
end $$;

-- Tasks that waited for this one alone become ready in the same transaction. The lock comes before the look: of two last
-- dependencies finishing at once, the second waits and then sees the first.
create function muster.unblock_dependents() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  waiting record;
begin
  for waiting in
    select t.id from public.os_tasks t join public.os_task_dependencies d on d.task = t.id
    where d.depends_on = new.id and t.status = 'blocked' and t.blocked_type = 'dependency'
    order by t.id for no key update of t
  loop
    update public.os_tasks t
      set status = 'ready', version = t.version + 1, date_updated = clock_timestamp(), blocked_type = null, blocked_reason = null, blocked_owner = null,
        blocked_action = null, blocked_until = null
      where t.id = waiting.id and t.status = 'blocked' and jsonb_array_length(t.acceptance) > 0
        and not exists (
          select from public.os_task_dependencies d join public.os_tasks o on o.id = d.depends_on
          where d.task = t.id and o.status <> 'done');
  end loop;
  return null;
end $$;

create trigger os_tasks_05_session before update of claim_session on public.os_tasks
  for each row when (current_user <> 'muster_owner') execute function muster.mark_named_session();
create trigger os_tasks_10_api before update of date_updated on public.os_tasks
  for each row when (current_user <> 'muster_owner') execute function muster.judge_task_update();
create trigger os_tasks_10_insert before insert on public.os_tasks
  for each row when (current_user <> 'muster_owner') execute function muster.judge_task_insert();
create trigger os_tasks_20_raw before update on public.os_tasks
  for each row execute function muster.refuse_raw_task_write();
create trigger os_tasks_95_unblock after update on public.os_tasks
  for each row when (new.status = 'done' and old.status <> 'done') execute function muster.unblock_dependents();
