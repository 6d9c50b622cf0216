-- One check a table in place of many. Postgres reads every check and every WHEN of a table anew for each statement, from their stored
-- text: 23 checks cost a claim more than its writing. The rules, the names and the error of each are what they were.

-- True, or the check_violation of the first rule that the row breaks. As with a check, null breaks nothing.
create function muster.is_task_sound(p_task public.os_tasks) returns boolean
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  broken constant text := case
    when not (p_task.number > 0) then 'number'
    when not (length(btrim(p_task.title)) between 1 and 300) then 'title'
    when not (p_task.class in ('feature', 'bug', 'chore', 'docs', 'research', 'ops')) then 'class'
    when not (p_task.status in ('triage', 'ready', 'in_progress', 'blocked', 'in_review', 'done', 'cancelled')) then 'status'
    when not (p_task.priority in ('P0', 'P1', 'P2', 'P3')) then 'priority'
    when not (p_task.risk in ('low', 'medium', 'high')) then 'risk'
    when not (jsonb_typeof(p_task.acceptance) = 'array'
    and not jsonb_path_exists(p_task.acceptance, '$[*] ? (@.type() != "object" || !exists(@.id) || !exists(@.text) || @.text == "")')) then 'acceptance'
    when not (jsonb_typeof(p_task.required_capabilities) = 'array') then 'required_capabilities'
    when not (jsonb_typeof(p_task.paths) = 'array') then 'paths'
    when not (jsonb_typeof(p_task.labels) = 'array') then 'labels'
    when not (p_task.max_attempts between 1 and 100) then 'max_attempts'
    when not (p_task.attempt >= 0) then 'attempt'
    when not (p_task.lease_seconds between 15 and 86400) then 'lease_seconds'
    when not (length(p_task.claim_session) between 1 and 200 and p_task.claim_session !~ '[[:cntrl:]]') then 'claim_session'
    when not (p_task.claim_epoch >= 0) then 'claim_epoch'
    when not (p_task.fence is null) then 'fence'
    when not (p_task.version >= 1) then 'version'
    when not (p_task.evidence is null) then 'evidence'
    when not (p_task.blocked_type in ('dependency', 'needs_human', 'capability', 'transient', 'quarantined')) then 'blocked_type'
    when not (p_task.origin in ('live', 'seed')) then 'origin'
    when not ((p_task.status = 'blocked') = (p_task.blocked_type is not null)) then 'blocked'
    when not ((p_task.status = 'done') = (p_task.done_at is not null)) then 'done'
    when not (p_task.status in ('triage', 'blocked', 'cancelled') or jsonb_array_length(p_task.acceptance) > 0) then 'acceptance_needed'
  end;
begin
  if broken is not null then
    raise exception using errcode = 'check_violation', schema = 'public', table = 'os_tasks', constraint = 'os_tasks_' || broken || '_check',
      message = format('new row for relation "os_tasks" violates check constraint "os_tasks_%s_check"', broken);
  end if;
  return true;
end $$;

create function muster.is_claim_sound(p_claim public.os_claims) returns boolean
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  broken constant text := case
    when not (p_claim.attempt >= 1) then 'attempt'
    when not (p_claim.epoch >= 1) then 'epoch'
    when not (p_claim.kind in ('work', 'review')) then 'kind'
    when not (p_claim.ended_by in ('submitted', 'released', 'expired', 'blocked', 'fenced', 'verdict')) then 'ended_by'
    when not (p_claim.outcome in ('accepted', 'rework', 'discarded', 'expired', 'duplicate', 'superseded')) then 'outcome'
    when not (p_claim.origin in ('live', 'seed')) then 'origin'
    when not ((p_claim.ended_at is null) = (p_claim.ended_by is null)) then 'ended'
  end;
begin
  if broken is not null then
    raise exception using errcode = 'check_violation', schema = 'public', table = 'os_claims', constraint = 'os_claims_' || broken || '_check',
      message = format('new row for relation "os_claims" violates check constraint "os_claims_%s_check"', broken);
  end if;
  return true;
end $$;

alter table public.os_tasks
  drop constraint os_tasks_number_check, drop constraint os_tasks_title_check, drop constraint os_tasks_class_check,
  drop constraint os_tasks_status_check, drop constraint os_tasks_priority_check, drop constraint os_tasks_risk_check,
  drop constraint os_tasks_acceptance_check, drop constraint os_tasks_required_capabilities_check, drop constraint os_tasks_paths_check,
  drop constraint os_tasks_labels_check, drop constraint os_tasks_max_attempts_check, drop constraint os_tasks_attempt_check,
  drop constraint os_tasks_lease_seconds_check, drop constraint os_tasks_claim_session_check, drop constraint os_tasks_claim_epoch_check,
  drop constraint os_tasks_fence_check, drop constraint os_tasks_version_check, drop constraint os_tasks_evidence_check,
  drop constraint os_tasks_blocked_type_check, drop constraint os_tasks_origin_check, drop constraint os_tasks_blocked_check,
  drop constraint os_tasks_done_check, drop constraint os_tasks_acceptance_needed_check,
  add constraint os_tasks_sound_check check (muster.is_task_sound(os_tasks));
alter table public.os_claims
  drop constraint os_claims_attempt_check, drop constraint os_claims_epoch_check, drop constraint os_claims_kind_check,
  drop constraint os_claims_ended_by_check, drop constraint os_claims_outcome_check, drop constraint os_claims_origin_check,
  drop constraint os_claims_ended_check,
  add constraint os_claims_sound_check check (muster.is_claim_sound(os_claims));

-- Whoever writes a table must be able to run its check. It reads nothing but the row it is given.
revoke all on function muster.is_task_sound, muster.is_claim_sound from public;
grant execute on function muster.is_task_sound to muster_directus;

-- What 10 has not judged is refused. The board's own functions bump the version themselves, and their event would show a gap.
drop trigger os_tasks_20_raw on public.os_tasks;
create trigger os_tasks_20_raw before update on public.os_tasks
  for each row when (current_user <> 'muster_owner') execute function muster.refuse_raw_task_write();

-- A claim takes its task out of the queue itself (muster.grant_claim, muster.write_claims); every other move comes here.
create or replace function muster.queue_task() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    perform muster.sync_queue(new);
  elsif (old.status, old.priority, old.project, old.class, old.attempt, old.max_attempts)
      is distinct from (new.status, new.priority, new.project, new.class, new.attempt, new.max_attempts) then
    perform muster.sync_queue(new);
  end if;
  return null;
end $$;
drop trigger os_tasks_94_queue on public.os_tasks;
create trigger os_tasks_94_queue after update on public.os_tasks
  for each row when (new.status = 'ready' or old.status = 'ready' and new.claim_session is null) execute function muster.queue_task();

-- done_at is set exactly when the status is done (os_tasks_done_check), and shorter to ask for.
drop trigger os_tasks_95_unblock on public.os_tasks;
create trigger os_tasks_95_unblock after update on public.os_tasks
  for each row when (old.done_at is null and new.done_at is not null) execute function muster.unblock_dependents();
drop trigger os_tasks_96_hold on public.os_tasks;
create trigger os_tasks_96_hold after update on public.os_tasks
  for each row when (old.done_at is not null and new.done_at is null) execute function muster.hold_dependents();

create or replace function muster.grant_claim(p_task public.os_tasks, p_kind text, p_session text, p_actor uuid, p_agent public.os_agents)
returns public.os_tasks
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks := p_task;
  granted_at constant timestamptz := clock_timestamp();
begin
  perform muster.end_claim(p_task.id, 'expired', 'expired');
  delete from muster.queue q where q.task = p_task.id;
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
