-- What every verb stands on: idempotency, arguments, tasks by name, and one way to write a task under its law.

-- One row per accepted operation that named an id: a replay gets the answer of the first time.
create table muster.operations (
  op uuid not null constraint operations_pkey primary key,
  actor uuid not null,
  verb text not null,
  arguments_hash bytea not null,
  answer jsonb not null,
  at timestamptz not null default clock_timestamp()
);
create index operations_at_index on muster.operations using brin (at);

-- The lease's own length: a heartbeat reads and writes nothing but the lease.
alter table muster.leases add column seconds integer;
alter table muster.leases set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);

-- A claim writes the whole row anew, into every index. Keys that are mostly empty stand only where they are set, and what is ready
-- stands in the queue.
drop index public.os_tasks_ready_index;
drop index public.os_tasks_phase_index;
drop index public.os_tasks_assigned_to_index;
drop index public.os_tasks_submitted_by_index;
drop index public.os_tasks_verified_by_index;
create index os_tasks_phase_index on public.os_tasks (phase) where phase is not null;
create index os_tasks_assigned_to_index on public.os_tasks (assigned_to) where assigned_to is not null;
create index os_tasks_submitted_by_index on public.os_tasks (submitted_by) where submitted_by is not null;
create index os_tasks_verified_by_index on public.os_tasks (verified_by) where verified_by is not null;
create index os_tasks_review_index on public.os_tasks (priority, submitted_at) where status = 'in_review' and claim_session is null;
create index os_tasks_blocked_until_index on public.os_tasks (blocked_until) where status = 'blocked' and blocked_until is not null;
create index os_reservations_live_index on public.os_reservations (task, agent) where released_at is null;

-- The answer of the first time, or null: then go on. Two at once with one id wait for each other.
create function muster.find_operation(p_op uuid, p_actor uuid, p_verb text, p_arguments jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  recorded muster.operations;
begin
  if p_actor is null then
    perform muster.fail('MU401', 'MUSTER_NO_ACTOR', 'The call names no user. Send a token; every call needs an authenticated user.');
  end if;
  if p_op is null then
    return null;
  end if;
  perform pg_advisory_xact_lock(hashtextextended(p_op::text, 0));
  select * into recorded from muster.operations o where o.op = p_op;
  if not found then
    return null;
  end if;
  if recorded.actor <> p_actor or recorded.verb <> p_verb or recorded.arguments_hash <> sha256(convert_to(p_arguments::text, 'UTF8')) then
    perform muster.fail('MU422', 'MUSTER_OPERATION_REUSED',
      'This operation id belongs to another operation. Make a new id for each operation; send the same one only to repeat it unchanged.');
  end if;
  return recorded.answer;
end $$;

create function muster.record_operation(p_op uuid, p_actor uuid, p_verb text, p_arguments jsonb, p_answer jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if p_op is not null then
    insert into muster.operations (op, actor, verb, arguments_hash, answer)
      values (p_op, p_actor, p_verb, sha256(convert_to(p_arguments::text, 'UTF8')), p_answer);
  end if;
  return p_answer;
end $$;

create function muster.refuse_value(p_message text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform muster.fail('MU422', 'MUSTER_VALUE_INVALID', p_message);
end $$;

-- Refuses unknown keys and wrong types. p_types: key → jsonb type, "integer" or "uuid". null passes, and counts as absent.
create function muster.assert_object(p_name text, p_value jsonb, p_types jsonb) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  field record;
  expected text;
begin
  if p_value is null or jsonb_typeof(p_value) <> 'object' then
    perform muster.refuse_value(format('%s must be an object.', p_name));
  end if;
  for field in select e.key, e.value from jsonb_each(p_value) e loop
    expected := p_types ->> field.key;
    if expected is null then
      perform muster.refuse_value(format('%s has no key %s. It takes: %s.', p_name, left(field.key, 60),
        (select coalesce(string_agg(k, ', ' order by k), 'none') from jsonb_object_keys(p_types) k)));
    end if;
    if jsonb_typeof(field.value) = 'null' then
      continue;
    end if;
    if expected = 'integer' and (jsonb_typeof(field.value) <> 'number' or field.value::text !~ '^-?[0-9]{1,9}$')
      or expected <> 'integer' and jsonb_typeof(field.value) <> expected then
      perform muster.refuse_value(format('%s.%s must be of type %s.', p_name, field.key, expected));
    end if;
  end loop;
end $$;

create function muster.assert_list(p_name text, p_value jsonb) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if p_value is null or jsonb_typeof(p_value) <> 'array' or jsonb_array_length(p_value) not between 1 and 100 then
    perform muster.refuse_value(format('%s must be a list of 1 to 100.', p_name));
  end if;
end $$;

-- The task's id from its id or number: uuid, 65 or #65.
create function muster.find_task(p_task text) returns uuid
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  task uuid;
begin
  if p_task ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' then
    select t.id into task from public.os_tasks t where t.id = p_task::uuid;
  elsif p_task ~ '^#?[0-9]{1,9}$' then
    select t.id into task from public.os_tasks t where t.number = ltrim(p_task, '#')::integer;
  end if;
  if task is null then
    perform muster.fail('MU404', 'MUSTER_NOT_FOUND', 'There is no such task. Read the list again and name a task by its id or number.');
  end if;
  return task;
end $$;

create function muster.lock_task(p_task text) returns public.os_tasks
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  wanted constant uuid := muster.find_task(p_task);
  task public.os_tasks;
begin
  select * into task from public.os_tasks t where t.id = wanted for no key update;
  return task;
end $$;

create function muster.find_project(p_project text) returns uuid
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  project uuid;
begin
  select p.id into project from public.os_projects p where p.key = p_project or p.id::text = lower(p_project);
  if project is null then
    perform muster.fail('MU422', 'MUSTER_REFERENCE_UNKNOWN', 'There is no such project. Name a project by its key.');
  end if;
  return project;
end $$;

create function muster.incarnation() returns integer
language sql stable set search_path = pg_catalog, pg_temp as $$ select coalesce((select i.incarnation from muster.instance i), 1) $$;

-- Writes a judged task with its event. p_actor null: the database itself, whose events the trigger writes.
-- Lock and judgement come before; this only stamps, writes and records.
create function muster.write_task(p_old public.os_tasks, p_new public.os_tasks, p_actor uuid, p_kind text) returns public.os_tasks
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
  if p_actor is not null then
    old_row := to_jsonb(p_old);
    new_row := to_jsonb(task);
    perform muster.append_event('os_tasks', task.id, task.version,
      coalesce(p_kind, muster.task_event_kind(p_old, task, case when muster.is_steward(p_actor) then 'steward' end)),
      p_actor, coalesce(muster.actor_name(p_actor), 'unknown'), task.claim_epoch,
      muster.changed_fields(new_row, old_row), muster.changed_fields(old_row, new_row));
  end if;
  return task;
end $$;

-- Judges a verb by the same functions as a PATCH and writes the outcome. p_is_claim: claim_session was named.
create function muster.move_task(p_old public.os_tasks, p_new public.os_tasks, p_is_claim boolean, p_actor uuid) returns public.os_tasks
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  fields constant jsonb := muster.changed_fields(to_jsonb(p_old), to_jsonb(p_new)) - array['user_updated', 'date_updated'];
begin
  return muster.write_task(p_old,
    case when muster.is_steward(p_actor) then muster.judge_steward(p_old, p_new, fields, p_actor)
      else muster.judge_agent(p_old, p_new, fields, p_is_claim, p_actor) end,
    p_actor, null);
end $$;

create function muster.task_state(p_task public.os_tasks) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object('id', p_task.id, 'number', p_task.number, 'ref', '#' || p_task.number, 'status', p_task.status,
    'version', p_task.version, 'claim_epoch', p_task.claim_epoch)
$$;

create function muster.task_brief(p_task public.os_tasks) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  project_key text;
  phase_key text;
begin
  select p.key into project_key from public.os_projects p where p.id = p_task.project;
  if p_task.phase is not null then
    select h.key into phase_key from public.os_phases h where h.id = p_task.phase;
  end if;
  return muster.task_state(p_task) || jsonb_build_object('project', project_key, 'phase', phase_key,
    'title', p_task.title, 'description', p_task.description, 'class', p_task.class, 'priority', p_task.priority, 'risk', p_task.risk,
    'acceptance', p_task.acceptance, 'required_capabilities', p_task.required_capabilities, 'paths', p_task.paths,
    'labels', p_task.labels, 'attempt', p_task.attempt, 'max_attempts', p_task.max_attempts, 'lease_seconds', p_task.lease_seconds,
    'submitted_commit', p_task.submitted_commit, 'submitted_artifact', p_task.submitted_artifact,
    'blocked_type', p_task.blocked_type, 'blocked_reason', p_task.blocked_reason, 'blocked_owner', p_task.blocked_owner,
    'blocked_action', p_task.blocked_action, 'blocked_until', p_task.blocked_until, 'closing_note', p_task.closing_note);
end $$;

-- What the database does by itself is logged by trigger; verbs write their own event, with their actor.
drop trigger os_tasks_92_event on public.os_tasks;
create trigger os_tasks_92_event after update on public.os_tasks
  for each row when (current_user = 'muster_owner' and new.version <> old.version and new.user_updated is null)
  execute function muster.log_change('system');
drop trigger os_tasks_90_event on public.os_tasks;
create trigger os_tasks_90_event after insert on public.os_tasks
  for each row when (current_user <> 'muster_owner' and new.origin = 'live') execute function muster.log_change('caller');
