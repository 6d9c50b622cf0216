-- A submission that waited for a row lock was stamped with the time before it: its event was older than the one that it followed.

create or replace function muster.submit_plainly(p_actor uuid, p_task uuid, p_fence integer, p_result jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  now_at timestamptz;
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
  now_at := clock_timestamp();
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
