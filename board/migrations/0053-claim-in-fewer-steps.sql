-- A single claim and a single submission in fewer steps: the link before a submission comes from its own lease, and the answer and the event
-- from the row as it is written, in place of two copies of all its columns.

-- The event of a task that was claimed or submitted: muster.append_event with the link written out. Two calls for each event cost as much
-- as its row. The hashed text is muster.event_payload's: jsonb puts shorter keys first. p_previous: the hash of the event before, where the
-- caller knows it. Returns its own.
drop function muster.log_claim(uuid, integer, text, uuid, text, integer, jsonb, jsonb, timestamptz);
create function muster.log_claim(
  p_task uuid, p_version integer, p_kind text, p_actor uuid, p_name text, p_epoch integer, p_before jsonb, p_after jsonb, p_at timestamptz,
  p_previous text
) returns text
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  previous text := p_previous;
  link text;
begin
  if previous is null then
    select e.hash into previous from public.os_events e where e.entity = 'os_tasks' and e.entity_id = p_task and e.version = p_version - 1;
    if not found then
      raise exception 'event % of task % would leave a gap', p_version, p_task;
    end if;
  end if;
  link := encode(sha256(convert_to(format(
    E'muster-event/1\n%s\n{"at": "%s", "kind": "%s", "actor": "%s", "after": %s, "epoch": %s, "before": %s, "entity": "os_tasks", '
      '"origin": "live", "version": %s, "entity_id": "%s", "actor_name": %s}',
    previous, p_at at time zone 'UTC', p_kind, p_actor, p_after, p_epoch, p_before, p_version, p_task, to_json(p_name)), 'UTF8')), 'hex');
  insert into public.os_events (entity, entity_id, version, kind, actor, actor_name, epoch, before, after, prev_hash, hash, at, origin)
    values ('os_tasks', p_task, p_version, p_kind, p_actor, p_name, p_epoch, p_before, p_after, previous, link, p_at, 'live');
  return link;
end $$;

/*
 * Grants a task that the caller has locked and seen ready. What others may have changed until that lock (dependencies) is seen here, by a
 * later snapshot. Null: it cannot be granted, and nothing was written.
 */
create or replace function muster.grant_work(
  p_actor uuid, p_agent uuid, p_name text, p_family text, p_session text, p_seconds integer, p_task uuid
) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  now_at constant timestamptz := clock_timestamp();
  moved record;
  before jsonb;
  after jsonb;
  link text;
begin
  update public.os_tasks t set
      status = 'in_progress', assigned_to = p_actor, claim_session = p_session, claimed_at = now_at,
      lease_seconds = coalesce(p_seconds, t.lease_seconds),
      lease_expires_at = now_at + make_interval(secs => coalesce(p_seconds, t.lease_seconds)), claim_epoch = t.claim_epoch + 1,
      submitted_commit = null, submitted_artifact = null, submitted_at = null, submitted_by = null,
      version = t.version + 1, user_updated = p_actor, date_updated = now_at
    where t.id = p_task
      and (select true from public.os_task_dependencies e where e.task = t.id and muster.is_open(e.depends_on) limit 1) is null
      and (select true from muster.leases l where l.task = t.id limit 1) is null
    returning new.attempt, new.version, new.claim_epoch, new.lease_seconds, new.lease_expires_at,
      num_nonnulls(old.submitted_commit, old.submitted_artifact, old.submitted_at, old.submitted_by, old.assigned_to, old.claim_session,
        old.claimed_at, old.lease_expires_at) > 0 or old.lease_seconds <> new.lease_seconds or old.user_updated is not distinct from p_actor
        as is_odd,
      old.lease_seconds as old_seconds, old.submitted_commit as old_commit, old.submitted_artifact as old_artifact,
      old.submitted_at as old_submitted_at, old.submitted_by as old_author,
      jsonb_build_object('status', old.status, 'version', old.version, 'claimed_at', old.claimed_at, 'assigned_to', old.assigned_to,
        'claim_epoch', old.claim_epoch, 'date_updated', old.date_updated, 'user_updated', old.user_updated,
        'claim_session', old.claim_session, 'lease_expires_at', old.lease_expires_at) as before,
      jsonb_build_object('status', new.status, 'version', new.version, 'claimed_at', now_at, 'assigned_to', p_actor,
        'claim_epoch', new.claim_epoch, 'date_updated', now_at, 'user_updated', p_actor,
        'claim_session', p_session, 'lease_expires_at', new.lease_expires_at) as after,
      (select e.hash from public.os_events e where e.entity = 'os_tasks' and e.entity_id = p_task and e.version = old.version) as previous,
      new.attempt > 0 or new.phase is not null or (select true from public.os_notes n where n.task = new.id limit 1) as has_past,
      jsonb_build_object('claimed', true, 'kind', 'work', 'fence', new.claim_epoch,
        'token', coalesce((select i.incarnation from muster.instance i), 1) || '.' || new.claim_epoch,
        'session', p_session, 'lease_expires_at', new.lease_expires_at, 'lease_seconds', new.lease_seconds,
        'previous', '[]'::jsonb, 'handoff', '[]'::jsonb,
        'task', jsonb_build_object('id', new.id, 'number', new.number, 'ref', '#' || new.number, 'status', new.status,
          'version', new.version, 'claim_epoch', new.claim_epoch,
          'project', (select p.key from public.os_projects p where p.id = new.project), 'phase', null,
          'title', new.title, 'description', new.description, 'class', new.class, 'priority', new.priority, 'risk', new.risk,
          'acceptance', new.acceptance, 'required_capabilities', new.required_capabilities, 'paths', new.paths,
          'labels', new.labels, 'attempt', new.attempt, 'max_attempts', new.max_attempts, 'lease_seconds', new.lease_seconds,
          'submitted_commit', null, 'submitted_artifact', null,
          'blocked_type', new.blocked_type, 'blocked_reason', new.blocked_reason, 'blocked_owner', new.blocked_owner,
          'blocked_action', new.blocked_action, 'blocked_until', new.blocked_until, 'closing_note', new.closing_note)) as answer
    into moved;
  if not found then
    return null;
  end if;
  before := moved.before;
  after := moved.after;
  if moved.is_odd then
    -- Of a row that somebody has held before: what else changes, and without what does not.
    before := before || jsonb_build_object('lease_seconds', moved.old_seconds, 'submitted_commit', moved.old_commit,
      'submitted_artifact', moved.old_artifact, 'submitted_at', moved.old_submitted_at, 'submitted_by', moved.old_author);
    after := after || jsonb_build_object('lease_seconds', moved.lease_seconds, 'submitted_commit', null,
      'submitted_artifact', null, 'submitted_at', null, 'submitted_by', null);
    link := muster.log_claim(p_task, moved.version, 'claimed', p_actor, p_name, moved.claim_epoch,
      muster.changed_fields(after, before), muster.changed_fields(before, after), now_at, moved.previous);
  else
    link := muster.log_claim(p_task, moved.version, 'claimed', p_actor, p_name, moved.claim_epoch, before, after, now_at, moved.previous);
  end if;
  delete from muster.queue q where q.task = p_task;
  insert into public.os_claims (task, attempt, epoch, kind, agent, holder, session, model_family, claimed_at)
    values (p_task, moved.attempt + 1, moved.claim_epoch, 'work', p_agent, p_actor, p_session, p_family, now_at);
  insert into muster.leases (task, kind, epoch, session, holder, agent, granted_at, heartbeat_at, expires_at, seconds, version, hash)
    values (p_task, 'work', moved.claim_epoch, p_session, p_actor, p_agent, now_at, now_at, moved.lease_expires_at, moved.lease_seconds,
      moved.version, link);
  -- Phase, failed verdicts and handoffs: few tasks have them.
  if moved.has_past then
    return (select muster.grant_answer(t) from public.os_tasks t where t.id = p_task);
  end if;
  return moved.answer;
end $$;

-- A submission by the plain holder of a plain task. Null: it is judged by muster.apply_submit, and nothing was written.
create or replace function muster.submit_plainly(p_actor uuid, p_task uuid, p_fence integer, p_result jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  now_at timestamptz;
  old_version integer;
  begun record;
  moved record;
  link text;
  has_reservation boolean;
begin
  select t.version into old_version from public.os_tasks t
    where t.id = p_task and t.status = 'in_progress' and t.claim_epoch = p_fence
      and num_nonnulls(t.blocked_reason, t.blocked_owner, t.blocked_action, t.blocked_until, t.verified_at, t.verified_by, t.submitted_at,
        t.submitted_by, t.submitted_commit, t.submitted_artifact) = 0
    for no key update;
  if not found then
    return null;
  end if;
  now_at := clock_timestamp();
  -- The lease ends under the task's lock, or there is none of this holder and epoch, or its holder is no active agent any more.
  delete from muster.leases l using public.os_agents a
    where l.task = p_task and l.holder = p_actor and l.kind = 'work' and l.epoch = p_fence
      and a."user" = p_actor and a.status = 'active' and not exists (
        select from public.directus_users u join muster.config s on s.name = 'steward_roles'
          where u.id = p_actor and u.status = 'active' and s.value ? u.role::text)
    returning case when l.version = old_version then l.hash end as link, a.name into begun;
  if not found then
    return null;
  end if;
  update public.os_tasks t set
      status = 'in_review', assigned_to = null, claim_session = null, claimed_at = null, lease_expires_at = null,
      submitted_commit = p_result ->> 'commit', submitted_artifact = p_result ->> 'artifact', submitted_at = now_at, submitted_by = p_actor,
      closing_note = coalesce(p_result ->> 'closing_note', t.closing_note), version = t.version + 1, user_updated = p_actor, date_updated = now_at
    where t.id = p_task
    returning new.number, new.version, new.submitted_commit is null or new.submitted_artifact is not null
        or new.closing_note is distinct from old.closing_note or old.user_updated is distinct from p_actor as is_odd,
      old.closing_note as old_note, new.closing_note as new_note, old.user_updated as old_user,
      jsonb_build_object('status', old.status, 'version', old.version, 'claimed_at', old.claimed_at, 'assigned_to', old.assigned_to,
        'date_updated', old.date_updated, 'submitted_at', null, 'submitted_by', null, 'claim_session', old.claim_session,
        'lease_expires_at', old.lease_expires_at, 'submitted_commit', null) as before,
      jsonb_build_object('status', new.status, 'version', new.version, 'claimed_at', null, 'assigned_to', null, 'date_updated', now_at,
        'submitted_at', now_at, 'submitted_by', p_actor, 'claim_session', null, 'lease_expires_at', null,
        'submitted_commit', new.submitted_commit) as after
    into moved;
  if moved.is_odd then
    moved.before := moved.before || jsonb_build_object('submitted_artifact', null, 'closing_note', moved.old_note, 'user_updated', moved.old_user);
    moved.after := moved.after || jsonb_build_object('submitted_artifact', p_result -> 'artifact', 'closing_note', moved.new_note,
      'user_updated', p_actor);
    link := muster.log_claim(p_task, moved.version, 'submitted', p_actor, begun.name, p_fence,
      muster.changed_fields(moved.after, moved.before), muster.changed_fields(moved.before, moved.after), now_at, begun.link);
  else
    link := muster.log_claim(p_task, moved.version, 'submitted', p_actor, begun.name, p_fence, moved.before, moved.after, now_at, begun.link);
  end if;
  update public.os_claims c set ended_at = now_at, ended_by = 'submitted', outcome = null
    where c.task = p_task and c.epoch = p_fence and c.ended_at is null
    returning (select true from public.os_reservations r where r.task = p_task and r.released_at is null limit 1) into has_reservation;
  if not found then
    raise exception 'the lease of task % had no open claim of epoch %', p_task, p_fence;
  end if;
  if has_reservation then
    update public.os_reservations r set released_at = now_at where r.task = p_task and r.released_at is null;
  end if;
  if p_result ?| array['tokens_in', 'tokens_out', 'cost_usd'] then
    perform muster.add_usage(p_actor, p_task, p_fence, p_result);
  end if;
  return jsonb_build_object('id', p_task, 'number', moved.number, 'ref', '#' || moved.number, 'status', 'in_review',
    'version', moved.version, 'claim_epoch', p_fence);
end $$;

-- As a statement of its own a call costs as much as a read: arguments that are plainly in order are seen to be so by an expression.
create or replace function muster.claim_next(p_actor uuid, p_session text, p_options jsonb default '{}', p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
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
  if (p_options = '{}' and length(p_session) between 1 and 200 and p_session !~ '[[:cntrl:]]') is not true then
    perform muster.assert_claim_options(p_options, p_session);
  end if;
  answer := muster.take_next(p_actor, p_session, p_options);
  -- Nothing is no outcome to keep: the same operation may find something later.
  if p_op is null or not (answer ->> 'claimed')::boolean then
    return answer;
  end if;
  return muster.record_operation(p_op, p_actor, 'claim_next', arguments, answer);
end $$;

-- Submits and claims the next in one commit. A refused submission claims nothing.
create or replace function muster.advance(p_actor uuid, p_session text, p_finish jsonb, p_options jsonb default '{}', p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  arguments jsonb;
  answer jsonb;
  result jsonb;
  submitted jsonb;
begin
  if p_op is not null or p_actor is null then
    arguments := jsonb_build_object('session', p_session, 'finish', p_finish, 'options', p_options);
    answer := muster.find_operation(p_op, p_actor, 'advance', arguments);
    if answer is not null then
      return answer;
    end if;
  end if;
  if (p_options = '{}' and length(p_session) between 1 and 200 and p_session !~ '[[:cntrl:]]') is not true then
    perform muster.assert_claim_options(p_options, p_session);
  end if;
  if p_finish is null or jsonb_typeof(p_finish) <> 'object' or jsonb_typeof(p_finish -> 'fence') is distinct from 'number' then
    perform muster.refuse_value('finish must be an object with task, a whole number as fence, and commit or artifact.');
  end if;
  result := p_finish - array['task', 'fence'];
  if p_finish ->> 'fence' ~ '^[0-9]{1,9}$' and muster.is_plain_result(result) then
    submitted := muster.submit_plainly(p_actor, muster.task_id(p_finish ->> 'task'), (p_finish ->> 'fence')::integer, result);
  end if;
  if submitted is null then
    submitted := muster.task_state(muster.apply_submit(p_actor, p_finish ->> 'task', (p_finish ->> 'fence')::integer, result));
  end if;
  answer := jsonb_build_object('submitted', submitted, 'next', muster.take_next(p_actor, p_session, p_options));
  return case when p_op is null then answer else muster.record_operation(p_op, p_actor, 'advance', arguments, answer) end;
end $$;

-- What most submissions say first: an expression is made ready only where it is reached.
create or replace function muster.is_plain_result(p_result jsonb) returns boolean
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  if jsonb_typeof(p_result) is distinct from 'object' then
    return false;
  elsif coalesce(jsonb_typeof(p_result -> 'commit'), 'null') not in ('string', 'null')
      or coalesce(jsonb_typeof(p_result -> 'artifact'), 'null') not in ('string', 'null')
      or btrim(concat(p_result ->> 'commit', p_result ->> 'artifact')) = '' then
    return false;
  elsif p_result - array['commit', 'artifact'] = '{}' then
    return true;
  elsif p_result - array['commit', 'artifact', 'closing_note', 'tokens_in', 'tokens_out', 'cost_usd'] <> '{}'
      or coalesce(jsonb_typeof(p_result -> 'closing_note'), 'null') not in ('string', 'null') then
    return false;
  end if;
  return (coalesce(jsonb_typeof(p_result -> 'tokens_in'), 'null') = 'null'
      or jsonb_typeof(p_result -> 'tokens_in') = 'number' and p_result ->> 'tokens_in' ~ '^[0-9]{1,9}$')
    and (coalesce(jsonb_typeof(p_result -> 'tokens_out'), 'null') = 'null'
      or jsonb_typeof(p_result -> 'tokens_out') = 'number' and p_result ->> 'tokens_out' ~ '^[0-9]{1,9}$')
    and (coalesce(jsonb_typeof(p_result -> 'cost_usd'), 'null') = 'null'
      or jsonb_typeof(p_result -> 'cost_usd') = 'number' and (p_result ->> 'cost_usd')::numeric between 0 and 1000000);
end $$;

revoke all on function muster.log_claim(uuid, integer, text, uuid, text, integer, jsonb, jsonb, timestamptz, text) from public;
