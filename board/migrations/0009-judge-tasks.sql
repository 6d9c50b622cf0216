-- What the law of tasks is made of: refusals, lookups, guards, claims and verdicts. 0010 puts the triggers on top.

create function muster.task_name(p_task public.os_tasks) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$ select 'Task #' || p_task.number $$;

-- The transition, or a refusal that names what the actor can do instead.
create function muster.require_transition(p_task public.os_tasks, p_to text, p_who text) returns muster.transitions
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  transition muster.transitions;
  choices text;
begin
  select * into transition from muster.transitions t where t.from_status = p_task.status and t.to_status = p_to and t.who = p_who;
  if not found then
    select string_agg(format('%s (status %s)', t.intent, t.to_status), ', ' order by t.intent) into choices
      from muster.transitions t where t.from_status = p_task.status and t.who = p_who;
    perform muster.fail('MU422', 'MUSTER_TRANSITION_ILLEGAL',
      format('%s cannot go from %s to %s as you are its %s. %s', muster.task_name(p_task), p_task.status, p_to, p_who,
        coalesce('You can: ' || choices || '.', 'There is no step for you from here.')),
      jsonb_build_object('status', p_task.status));
  end if;
  return transition;
end $$;

-- Refuses columns that p_who may not change. status and the protocol's own columns are judged elsewhere.
create function muster.assert_columns(p_who text, p_fields jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  refused record;
begin
  select f.name, coalesce('steward' = any (c.writers), false) as is_stewards into refused
    from jsonb_object_keys(p_fields - array['status', 'claim_session', 'fence', 'version', 'evidence']) f (name)
    left join muster.task_columns c on c.name = f.name
    where not coalesce(p_who = any (c.writers), false)
    order by f.name limit 1;
  if found and refused.is_stewards then
    perform muster.fail('MU403', 'MUSTER_STEWARD_ONLY',
      format('As its %s you may not change %s. Leave it out, or leave a note for a steward.', p_who, refused.name));
  elsif found then
    perform muster.fail('MU422', 'MUSTER_FIELD_PROTECTED', format('%s is set by the board. Leave it out.', refused.name));
  end if;
end $$;

create function muster.assert_phase(p_task public.os_tasks) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if p_task.phase is not null and not exists (select from public.os_phases p where p.id = p_task.phase and p.project = p_task.project) then
    perform muster.fail('MU422', 'MUSTER_REFERENCE_UNKNOWN', 'The phase belongs to another project. Name a phase of the task''s project.');
  end if;
end $$;

-- The work claim whose submission is under review.
create function muster.judged_claim(p_task uuid) returns public.os_claims
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select c from public.os_claims c where c.task = p_task and c.kind = 'work' and c.ended_by = 'submitted' order by c.epoch desc limit 1
$$;

create function muster.is_family_shared(p_left text, p_right text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$ select coalesce(lower(btrim(p_left)) = lower(btrim(p_right)), true) $$;

-- p_agent is all null for a steward. The guard 'fence' was checked before a transition is looked up.
create function muster.assert_guards(
  p_guards text[], p_old public.os_tasks, p_new public.os_tasks, p_actor uuid, p_agent public.os_agents, p_evidence text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  task_name constant text := muster.task_name(p_old);
  author constant public.os_claims := muster.judged_claim(p_old.id);
begin
  if 'acceptance' = any (p_guards) and coalesce(jsonb_array_length(p_new.acceptance), 0) = 0 then
    perform muster.fail('MU422', 'MUSTER_ACCEPTANCE_REQUIRED',
      'A ready task needs at least one acceptance item. Send acceptance as [{"id":"a1","text":"…"}].');
  end if;
  if 'reason' = any (p_guards)
    and (coalesce(btrim(p_new.status_reason), '') = '' or p_new.status_reason is not distinct from p_old.status_reason) then
    perform muster.fail('MU422', 'MUSTER_REASON_REQUIRED', format('%s needs a new reason for this. Send status_reason.', task_name));
  end if;
  if 'submission' = any (p_guards)
    and coalesce(btrim(p_new.submitted_commit), '') = '' and coalesce(btrim(p_new.submitted_artifact), '') = '' then
    perform muster.fail('MU422', 'MUSTER_SUBMISSION_REQUIRED',
      'A submission names its result. Send submitted_commit or submitted_artifact with the status.');
  end if;
  if 'block' = any (p_guards) and (
    coalesce(p_new.blocked_type, 'quarantined') = 'quarantined' or coalesce(btrim(p_new.blocked_reason), '') = ''
    or (p_new.blocked_type = 'needs_human'
      and (coalesce(btrim(p_new.blocked_owner), '') = '' or coalesce(btrim(p_new.blocked_action), '') = ''))
  ) then
    perform muster.fail('MU422', 'MUSTER_BLOCK_INCOMPLETE',
      'Send blocked_type (dependency, needs_human, capability or transient) and blocked_reason; needs_human also needs blocked_owner and blocked_action.');
  end if;
  if 'evidence' = any (p_guards) and coalesce(btrim(p_evidence), '') = '' then
    perform muster.fail('MU422', 'MUSTER_EVIDENCE_REQUIRED', 'A verdict needs evidence: what was run, where, and what came out. Send evidence.');
  end if;
  if 'other_author' = any (p_guards) and exists (
    select from public.os_claims c where c.task = p_old.id and c.kind = 'work'
      and (c.holder = p_actor or c.agent = p_agent.id or c.session = p_new.claim_session)
  ) then
    perform muster.fail('MU403', 'MUSTER_SELF_REVIEW',
      format('You or your session worked on %s, so you may not verify it. Leave the review to another agent.', lower(task_name)));
  end if;
  if 'other_family' = any (p_guards) and p_old.risk <> 'low' and muster.is_family_shared(p_agent.model_family, author.model_family) then
    perform muster.fail('MU403', 'MUSTER_SAME_FAMILY',
      format('%s has risk %s and was made by model family %s: the verifier must be of another family than that. Leave it to such an agent.',
        task_name, p_old.risk, coalesce(author.model_family, 'unknown')));
  end if;
  perform muster.assert_claim_guards(p_guards, p_old, p_actor, p_agent);
end $$;

create function muster.assert_claim_guards(p_guards text[], p_task public.os_tasks, p_actor uuid, p_agent public.os_agents) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  task_name constant text := muster.task_name(p_task);
  claim_kind constant text := case when p_task.status = 'in_review' then 'review' else 'work' end;
  lease muster.leases;
  lock_delay constant interval := make_interval(secs => coalesce(
    (select c.value::text::numeric from muster.config c where c.name = 'lock_delay_seconds'), 10)::double precision);
  found_text text;
  held integer;
begin
  if 'lease_free' = any (p_guards) then
    select * into lease from muster.leases l where l.task = p_task.id;
    if found and lease.expires_at + lock_delay > clock_timestamp() then
      perform muster.fail('MU409', 'MUSTER_CLAIM_CONFLICT',
        format('%s is claimed by %s until %s (epoch %s). Do not retry this task; claim another one that is ready.', task_name,
          coalesce((select a.name from public.os_agents a where a.id = lease.agent), 'another agent'),
          to_char((lease.expires_at + lock_delay) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), lease.epoch),
        jsonb_build_object('claim_epoch', lease.epoch, 'lease_expires_at', lease.expires_at));
    end if;
  end if;
  if 'dependencies' = any (p_guards) then
    select string_agg('#' || d.number, ', ' order by d.number) into found_text
      from public.os_task_dependencies e join public.os_tasks d on d.id = e.depends_on
      where e.task = p_task.id and d.status <> 'done';
    if found_text is not null then
      perform muster.fail('MU424', 'MUSTER_DEPENDENCY_OPEN',
        format('%s depends on %s, not done yet. Claim one of those, or another task.', task_name, found_text),
        jsonb_build_object('dependencies', found_text));
    end if;
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
    select string_agg(distinct r.path, ', ') into found_text
      from public.os_reservations r cross join jsonb_array_elements_text(p_task.paths) p
      where r.mode = 'exclusive' and r.released_at is null and r.expires_at > clock_timestamp()
        and r.agent <> p_agent.id and r.task <> p_task.id
        and (starts_with(r.path || '/', rtrim(p.value, '/') || '/') or starts_with(p.value || '/', rtrim(r.path, '/') || '/'));
    if found_text is not null then
      perform muster.fail('MU409', 'MUSTER_PATH_RESERVED',
        format('%s touches %s, reserved by another agent. Claim another task, or wait until the reservation ends.', task_name, found_text));
    end if;
  end if;
  if 'wip' = any (p_guards) then
    -- The row lock orders one agent's claims: two at once cannot both find the last free place.
    update public.os_agents a set last_seen_at = clock_timestamp() where a.id = p_agent.id;
    select count(*) into held from muster.leases l
      where l.holder = p_actor and l.kind = claim_kind and l.task <> p_task.id and l.expires_at > clock_timestamp();
    if held >= p_agent.max_wip then
      perform muster.fail('MU429', 'MUSTER_WIP_LIMIT',
        format('You hold %s of %s tasks. Finish or release one first.', held, p_agent.max_wip));
    end if;
  end if;
end $$;

-- Ends the live claim of the task, if there is one.
create function muster.end_claim(p_task uuid, p_ended_by text, p_outcome text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.os_claims c set ended_at = clock_timestamp(), ended_by = p_ended_by,
    outcome = case when c.kind = 'work' then p_outcome end
    where c.task = p_task and c.ended_at is null;
  delete from muster.leases l where l.task = p_task;
end $$;

-- Grants the next epoch. A lease still there has expired: its claim is closed as such.
create function muster.grant_claim(p_task public.os_tasks, p_kind text, p_session text, p_actor uuid, p_agent public.os_agents)
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
  insert into muster.leases (task, kind, epoch, session, holder, agent, granted_at, heartbeat_at, expires_at)
    values (task.id, p_kind, task.claim_epoch, p_session, p_actor, p_agent.id, granted_at, granted_at, task.lease_expires_at);
  insert into public.os_claims (task, attempt, epoch, kind, agent, holder, session, model_family, claimed_at)
    values (task.id, task.attempt + 1, task.claim_epoch, p_kind, p_agent.id, p_actor, p_session, p_agent.model_family, granted_at);
  return task;
end $$;

create function muster.renew_lease(p_task public.os_tasks) returns public.os_tasks
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks := p_task;
begin
  update muster.leases l
    set heartbeat_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(secs => p_task.lease_seconds)
    where l.task = p_task.id returning l.expires_at into task.lease_expires_at;
  return task;
end $$;

create function muster.clear_claim(p_task public.os_tasks) returns public.os_tasks
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks := p_task;
begin
  task.assigned_to := null;
  task.claim_session := null;
  task.claimed_at := null;
  task.lease_expires_at := null;
  return task;
end $$;

-- Columns that only make sense in one status.
create function muster.settle_status(p_task public.os_tasks) returns public.os_tasks
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks := p_task;
begin
  if task.status <> 'blocked' then
    task.blocked_type := null;
    task.blocked_reason := null;
    task.blocked_owner := null;
    task.blocked_action := null;
    task.blocked_until := null;
  end if;
  if task.status <> 'done' then
    task.done_at := null;
    task.verified_at := null;
    task.verified_by := null;
  end if;
  return task;
end $$;

-- Writes the verification and moves the task on. p_task.status says which verdict: done passes, ready fails.
create function muster.apply_verdict(p_task public.os_tasks, p_actor uuid, p_agent public.os_agents, p_session text, p_evidence text)
returns public.os_tasks
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks := p_task;
  is_pass constant boolean := p_task.status = 'done';
  judged constant public.os_claims := muster.judged_claim(p_task.id);
begin
  insert into public.os_verifications
    (task, claim, attempt, epoch, verifier, agent, model_family, session, verdict, evidence, commit_sha, date_created)
    values (task.id, judged.id, task.attempt + 1, task.claim_epoch, p_actor, p_agent.id, p_agent.model_family, p_session,
      case when is_pass then 'pass' else 'fail' end, p_evidence, task.submitted_commit, clock_timestamp());
  update public.os_claims c set outcome = case when is_pass then 'accepted' else 'rework' end where c.id = judged.id;
  if is_pass then
    task.done_at := clock_timestamp();
    task.verified_at := task.done_at;
    task.verified_by := p_actor;
    return task;
  end if;
  task.attempt := task.attempt + 1;
  if task.attempt >= task.max_attempts then
    task.status := 'blocked';
    task.blocked_type := 'quarantined';
    task.blocked_reason := format('%s of %s attempts failed verification.', task.attempt, task.max_attempts);
    task.blocked_owner := 'steward';
    task.blocked_action := 'Read the verdicts; raise max_attempts, split the task or cancel it.';
  end if;
  return task;
end $$;
