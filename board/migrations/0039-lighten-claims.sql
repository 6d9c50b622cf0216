-- What a claim pays for and nobody reads: keys checked anew that the law has just read under lock, indexes of keys alone, and conditions
-- of triggers, which Postgres parses for each statement.

-- The functions write these keys from rows that they hold locked, and no other login writes the tables: the keys stand as they were and
-- can be read as such, but are not looked up again for each row. Tasks and agents are never deleted (os_tasks_00_keep, os_agents_00_keep).
alter table public.os_claims
  alter constraint os_claims_task_fkey not enforced,
  alter constraint os_claims_agent_fkey not enforced,
  alter constraint os_claims_holder_fkey not enforced;
alter table public.os_tasks
  alter constraint os_tasks_assigned_to_fkey not enforced,
  alter constraint os_tasks_submitted_by_fkey not enforced;
alter table muster.leases drop constraint leases_task_fkey, drop constraint leases_agent_fkey;
drop index muster.leases_agent_index;
drop index public.os_claims_holder_index;
drop index public.os_tasks_submitted_by_index;

-- Users who were ever an agent's. Claims and tasks name them for ever, so Directus cannot delete them.
create table muster.members (
  "user" uuid not null constraint members_pkey primary key constraint members_user_fkey references public.directus_users (id)
);
create function muster.keep_member() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into muster.members ("user") values (new."user") on conflict do nothing;
  return null;
end $$;
create trigger os_agents_20_member after insert or update of "user" on public.os_agents
  for each row when (new."user" is not null) execute function muster.keep_member();
insert into muster.members ("user") select a."user" from public.os_agents a where a."user" is not null on conflict do nothing;

-- One trigger follows a patch, and muster.write_task follows what the board writes itself: the triggers below were each asked for every claim.
drop trigger os_tasks_92_event on public.os_tasks;
drop trigger os_tasks_94_queue on public.os_tasks;
drop trigger os_tasks_95_unblock on public.os_tasks;
drop trigger os_tasks_96_hold on public.os_tasks;
drop trigger os_tasks_96_receipt on public.os_tasks;
drop trigger os_tasks_97_rerank on public.os_tasks;
drop function muster.unblock_dependents();
drop function muster.hold_dependents();
drop function muster.rerank_dependencies();
drop function muster.issue_receipt_of_patch();

create or replace function muster.queue_task() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform muster.sync_queue(new);
  return null;
end $$;

-- Tasks that waited for this one alone become ready in the same transaction. The lock comes before the look: of two last
-- dependencies finishing at once, the second waits and then sees the first.
create function muster.unblock_dependents(p_task uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  waiting public.os_tasks;
  wanted public.os_tasks;
begin
  for waiting in
    select t.* from public.os_tasks t join public.os_task_dependencies d on d.task = t.id
    where d.depends_on = p_task and (t.status = 'ready' or t.status = 'blocked' and t.blocked_type = 'dependency')
    order by t.id for no key update of t
  loop
    if waiting.status = 'ready' then
      perform muster.sync_queue(waiting);
    elsif jsonb_array_length(waiting.acceptance) > 0 and not muster.has_open_dependency(waiting.id) then
      wanted := waiting;
      wanted.status := 'ready';
      wanted.blocked_type := null;
      wanted.blocked_reason := null;
      wanted.blocked_owner := null;
      wanted.blocked_action := null;
      wanted.blocked_until := null;
      perform muster.write_task(waiting, wanted, null, null);
    end if;
  end loop;
end $$;

-- A task that is open again holds its dependents back again.
create function muster.hold_dependents(p_task uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  waiting public.os_tasks;
begin
  for waiting in
    select t.* from public.os_tasks t join public.os_task_dependencies d on d.task = t.id
    where d.depends_on = p_task and t.status = 'ready' order by t.id for no key update of t
  loop
    perform muster.sync_queue(waiting);
  end loop;
end $$;

-- What follows from a task's change: its own place in the queue, its dependents, and the places of what it waited for.
create function muster.follow_task(p_old public.os_tasks, p_new public.os_tasks) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if (p_new.status = 'ready' or p_old.status = 'ready')
    and (p_old.status, p_old.priority, p_old.project, p_old.class, p_old.attempt, p_old.max_attempts)
      is distinct from (p_new.status, p_new.priority, p_new.project, p_new.class, p_new.attempt, p_new.max_attempts) then
    perform muster.sync_queue(p_new);
  end if;
  if p_old.status <> 'done' and p_new.status = 'done' then
    perform muster.unblock_dependents(p_new.id);
  elsif p_old.status = 'done' and p_new.status <> 'done' then
    perform muster.hold_dependents(p_new.id);
  end if;
  -- A task that ends, or opens again, changes how many wait for its dependencies.
  if (p_old.status in ('done', 'cancelled')) <> (p_new.status in ('done', 'cancelled')) then
    perform muster.rerank(d.depends_on) from public.os_task_dependencies d where d.task = p_new.id;
  end if;
end $$;

-- A pass by plain PATCH issues its receipt here; the verbs issue theirs themselves, with the checks that they carry.
create function muster.follow_patch() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform muster.follow_task(old, new);
  if new.status = 'done' and old.status = 'in_review' and new.class = 'bug' then
    perform muster.issue_receipt(new.id,
      (select v.id from public.os_verifications v where v.task = new.id order by v.epoch desc, v.date_created desc limit 1), new.user_updated);
  end if;
  return null;
end $$;
create trigger os_tasks_94_follow after update on public.os_tasks
  for each row when (current_user <> 'muster_owner') execute function muster.follow_patch();

-- Writes a judged task with its event and what follows. p_actor null: the database itself, and then the transition names the event.
-- Lock and judgement come before; this only stamps, writes and records.
create or replace function muster.write_task(p_old public.os_tasks, p_new public.os_tasks, p_actor uuid, p_kind text) returns public.os_tasks
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks := p_new;
  old_row jsonb;
  new_row jsonb;
begin
  task.version := p_old.version + 1;
  task.date_updated := clock_timestamp();
  task.user_updated := p_actor;
  task.fence := null;
  task.evidence := null;
  update public.os_tasks t set
    status = task.status, attempt = task.attempt, lease_seconds = task.lease_seconds, assigned_to = task.assigned_to,
    claim_session = task.claim_session, claimed_at = task.claimed_at, lease_expires_at = task.lease_expires_at,
    claim_epoch = task.claim_epoch, version = task.version, submitted_commit = task.submitted_commit,
    submitted_artifact = task.submitted_artifact, submitted_at = task.submitted_at, submitted_by = task.submitted_by,
    verified_by = task.verified_by, verified_at = task.verified_at, blocked_type = task.blocked_type,
    blocked_reason = task.blocked_reason, blocked_owner = task.blocked_owner, blocked_action = task.blocked_action,
    blocked_until = task.blocked_until, closing_note = task.closing_note, status_reason = task.status_reason, done_at = task.done_at,
    user_updated = task.user_updated, date_updated = task.date_updated
    where t.id = p_old.id;
  old_row := to_jsonb(p_old);
  new_row := to_jsonb(task);
  perform muster.append_event('os_tasks', task.id, task.version,
    case when p_actor is null then muster.task_event_kind(p_old, task, 'system')
      else coalesce(p_kind, muster.task_event_kind(p_old, task, case when muster.is_steward(p_actor) then 'steward' end)) end,
    p_actor, case when p_actor is null then 'muster' else coalesce(muster.actor_name(p_actor), 'unknown') end, task.claim_epoch,
    muster.changed_fields(new_row, old_row), muster.changed_fields(old_row, new_row));
  perform muster.follow_task(p_old, task);
  return task;
end $$;

revoke all on function muster.keep_member(), muster.unblock_dependents(uuid), muster.hold_dependents(uuid),
  muster.follow_task(public.os_tasks, public.os_tasks), muster.follow_patch() from public;
