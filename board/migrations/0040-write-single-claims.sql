-- The plain claim and the plain submission of one task, in statements of few parts. What muster.write_claims costs is its start: Postgres
-- makes every expression of it ready for each call. For fifty tasks that is nothing, for one it was more than half.

create or replace function muster.task_state(p_task public.os_tasks) returns jsonb
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  return jsonb_build_object('id', p_task.id, 'number', p_task.number, 'ref', '#' || p_task.number, 'status', p_task.status,
    'version', p_task.version, 'claim_epoch', p_task.claim_epoch);
end $$;

create or replace function muster.task_brief(p_task public.os_tasks) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  project_key text;
  phase_key text;
begin
  select p.key into project_key from public.os_projects p where p.id = p_task.project;
  if p_task.phase is not null then
    select h.key into phase_key from public.os_phases h where h.id = p_task.phase;
  end if;
  return jsonb_build_object('id', p_task.id, 'number', p_task.number, 'ref', '#' || p_task.number, 'status', p_task.status,
    'version', p_task.version, 'claim_epoch', p_task.claim_epoch, 'project', project_key, 'phase', phase_key,
    'title', p_task.title, 'description', p_task.description, 'class', p_task.class, 'priority', p_task.priority, 'risk', p_task.risk,
    'acceptance', p_task.acceptance, 'required_capabilities', p_task.required_capabilities, 'paths', p_task.paths,
    'labels', p_task.labels, 'attempt', p_task.attempt, 'max_attempts', p_task.max_attempts, 'lease_seconds', p_task.lease_seconds,
    'submitted_commit', p_task.submitted_commit, 'submitted_artifact', p_task.submitted_artifact,
    'blocked_type', p_task.blocked_type, 'blocked_reason', p_task.blocked_reason, 'blocked_owner', p_task.blocked_owner,
    'blocked_action', p_task.blocked_action, 'blocked_until', p_task.blocked_until, 'closing_note', p_task.closing_note);
end $$;

-- What a claimant gets: the task, its fence, and what earlier attempts left behind.
create or replace function muster.grant_answer(p_task public.os_tasks) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  incarnation integer;
  has_note boolean;
  previous jsonb := '[]';
  handoff jsonb := '[]';
begin
  select (select i.incarnation from muster.instance i), (select true from public.os_notes n where n.task = p_task.id limit 1)
    into incarnation, has_note;
  if p_task.attempt > 0 then
    select coalesce(jsonb_agg(v.entry), '[]') into previous from (
      select jsonb_build_object('attempt', x.attempt, 'verdict', x.verdict, 'evidence', x.evidence, 'checks', x.checks, 'at', x.date_created) as entry
        from public.os_verifications x where x.task = p_task.id and x.verdict = 'fail' order by x.epoch desc limit 5) v;
  end if;
  if has_note then
    select coalesce(jsonb_agg(n.entry), '[]') into handoff from (
      select jsonb_build_object('kind', x.kind, 'body', x.body, 'agent', a.name, 'at', x.date_created) as entry
        from public.os_notes x left join public.os_agents a on a.id = x.agent
        where x.task = p_task.id and x.kind in ('handoff', 'finding') order by x.date_created desc limit 5) n;
  end if;
  return jsonb_build_object('claimed', true, 'kind', case when p_task.status = 'in_review' then 'review' else 'work' end,
    'task', muster.task_brief(p_task), 'fence', p_task.claim_epoch, 'token', coalesce(incarnation, 1) || '.' || p_task.claim_epoch,
    'session', p_task.claim_session, 'lease_expires_at', p_task.lease_expires_at, 'lease_seconds', p_task.lease_seconds,
    'previous', previous, 'handoff', handoff);
end $$;

-- The event of a task that was claimed or submitted: muster.append_event with the link written out. Two calls for each event cost as much
-- as its row. The hashed text is muster.event_payload's: jsonb puts shorter keys first.
create function muster.log_claim(
  p_task uuid, p_version integer, p_kind text, p_actor uuid, p_name text, p_epoch integer, p_before jsonb, p_after jsonb, p_at timestamptz
) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  previous text;
begin
  select e.hash into previous from public.os_events e where e.entity = 'os_tasks' and e.entity_id = p_task and e.version = p_version - 1;
  if previous is null then
    raise exception 'event % of task % would leave a gap', p_version, p_task;
  end if;
  insert into public.os_events (entity, entity_id, version, kind, actor, actor_name, epoch, before, after, prev_hash, hash, at, origin)
    values ('os_tasks', p_task, p_version, p_kind, p_actor, p_name, p_epoch, p_before, p_after, previous,
      encode(sha256(convert_to(format(
        E'muster-event/1\n%s\n{"at": "%s", "kind": "%s", "actor": "%s", "after": %s, "epoch": %s, "before": %s, "entity": "os_tasks", '
          '"origin": "live", "version": %s, "entity_id": "%s", "actor_name": %s}',
        previous, p_at at time zone 'UTC', p_kind, p_actor, p_after, p_epoch, p_before, p_version, p_task, to_json(p_name)), 'UTF8')), 'hex'),
      p_at, 'live');
end $$;

/*
 * Grants a task that the caller has locked and seen ready. What others may have changed until that lock (dependencies) is seen here, by a
 * later snapshot. Null: it cannot be granted, and nothing was written.
 */
create function muster.grant_work(
  p_actor uuid, p_agent uuid, p_name text, p_family text, p_session text, p_seconds integer, p_task uuid
) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  now_at constant timestamptz := clock_timestamp();
  moved record;
  was public.os_tasks;
  task public.os_tasks;
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
    returning old as was, new as task into moved;
  if not found then
    return null;
  end if;
  was := moved.was;
  task := moved.task;
  if num_nonnulls(was.submitted_commit, was.submitted_artifact, was.submitted_at, was.submitted_by, was.assigned_to, was.claim_session,
      was.claimed_at, was.lease_expires_at) > 0 or was.lease_seconds <> task.lease_seconds or was.user_updated is not distinct from p_actor then
    perform muster.log_claim(p_task, task.version, 'claimed', p_actor, p_name, task.claim_epoch,
      muster.changed_fields(to_jsonb(task), to_jsonb(was)), muster.changed_fields(to_jsonb(was), to_jsonb(task)), now_at);
  else
    -- The same, of a row that nobody has held since it became ready: only these columns change.
    perform muster.log_claim(p_task, task.version, 'claimed', p_actor, p_name, task.claim_epoch,
      jsonb_build_object('status', was.status, 'version', was.version, 'claimed_at', null, 'assigned_to', null, 'claim_epoch', was.claim_epoch,
        'date_updated', was.date_updated, 'user_updated', was.user_updated, 'claim_session', null, 'lease_expires_at', null),
      jsonb_build_object('status', task.status, 'version', task.version, 'claimed_at', now_at, 'assigned_to', p_actor,
        'claim_epoch', task.claim_epoch, 'date_updated', now_at, 'user_updated', p_actor, 'claim_session', p_session,
        'lease_expires_at', task.lease_expires_at),
      now_at);
  end if;
  delete from muster.queue q where q.task = p_task;
  insert into public.os_claims (task, attempt, epoch, kind, agent, holder, session, model_family, claimed_at)
    values (p_task, task.attempt + 1, task.claim_epoch, 'work', p_agent, p_actor, p_session, p_family, now_at);
  insert into muster.leases (task, kind, epoch, session, holder, agent, granted_at, heartbeat_at, expires_at, seconds)
    values (p_task, 'work', task.claim_epoch, p_session, p_actor, p_agent, now_at, now_at, task.lease_expires_at, task.lease_seconds);
  return muster.grant_answer(task);
end $$;

/*
 * Submits a task that the actor holds by its work claim of that very epoch, with nothing on the row that a submission would have to clear.
 * Null: it is not so, or the actor is a steward or no active agent; then nothing was written. p_result is well formed (muster.is_plain_result).
 */
create function muster.submit_plainly(p_actor uuid, p_task uuid, p_fence integer, p_result jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  now_at constant timestamptz := clock_timestamp();
  moved record;
  was public.os_tasks;
  task public.os_tasks;
  agent_name text;
begin
  perform from public.os_tasks t
    where t.id = p_task and t.status = 'in_progress' and t.claim_epoch = p_fence
      and num_nonnulls(t.blocked_reason, t.blocked_owner, t.blocked_action, t.blocked_until, t.verified_at, t.verified_by, t.submitted_at,
        t.submitted_by, t.submitted_commit, t.submitted_artifact) = 0
    for no key update;
  if not found then
    return null;
  end if;
  select a.name into agent_name from public.os_agents a
    where a."user" = p_actor and a.status = 'active' and not exists (
      select from public.directus_users u join muster.config s on s.name = 'steward_roles'
        where u.id = p_actor and u.status = 'active' and s.value ? u.role::text);
  if not found then
    return null;
  end if;
  -- The lease ends under the task's lock, or there is none of this holder and epoch.
  delete from muster.leases l where l.task = p_task and l.holder = p_actor and l.kind = 'work' and l.epoch = p_fence;
  if not found then
    return null;
  end if;
  update public.os_tasks t set
      status = 'in_review', assigned_to = null, claim_session = null, claimed_at = null, lease_expires_at = null,
      submitted_commit = p_result ->> 'commit', submitted_artifact = p_result ->> 'artifact', submitted_at = now_at, submitted_by = p_actor,
      closing_note = coalesce(p_result ->> 'closing_note', t.closing_note), version = t.version + 1, user_updated = p_actor, date_updated = now_at
    where t.id = p_task returning old as was, new as task into moved;
  was := moved.was;
  task := moved.task;
  if task.submitted_commit is null or task.submitted_artifact is not null or task.closing_note is distinct from was.closing_note
      or was.user_updated is distinct from p_actor then
    perform muster.log_claim(p_task, task.version, 'submitted', p_actor, agent_name, p_fence,
      muster.changed_fields(to_jsonb(task), to_jsonb(was)), muster.changed_fields(to_jsonb(was), to_jsonb(task)), now_at);
  else
    -- The same, of a commit alone.
    perform muster.log_claim(p_task, task.version, 'submitted', p_actor, agent_name, p_fence,
      jsonb_build_object('status', was.status, 'version', was.version, 'claimed_at', was.claimed_at, 'assigned_to', was.assigned_to,
        'date_updated', was.date_updated, 'submitted_at', null, 'submitted_by', null, 'claim_session', was.claim_session,
        'lease_expires_at', was.lease_expires_at, 'submitted_commit', null),
      jsonb_build_object('status', task.status, 'version', task.version, 'claimed_at', null, 'assigned_to', null, 'date_updated', now_at,
        'submitted_at', now_at, 'submitted_by', p_actor, 'claim_session', null, 'lease_expires_at', null,
        'submitted_commit', task.submitted_commit),
      now_at);
  end if;
  update public.os_claims c set ended_at = now_at, ended_by = 'submitted', outcome = null
    where c.task = p_task and c.epoch = p_fence and c.ended_at is null;
  if not found then
    raise exception 'the lease of task % had no open claim of epoch %', p_task, p_fence;
  end if;
  if (select true from public.os_reservations r where r.task = p_task and r.released_at is null limit 1) then
    update public.os_reservations r set released_at = now_at where r.task = p_task and r.released_at is null;
  end if;
  if p_result ?| array['tokens_in', 'tokens_out', 'cost_usd'] then
    perform muster.add_usage(p_actor, p_task, p_fence, p_result);
  end if;
  return muster.task_state(task);
end $$;

revoke all on function muster.log_claim(uuid, integer, text, uuid, text, integer, jsonb, jsonb, timestamptz),
  muster.grant_work(uuid, uuid, text, text, text, integer, uuid),
  muster.submit_plainly(uuid, uuid, integer, jsonb) from public;
