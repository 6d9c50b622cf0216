-- An acceptance item may carry a check: a command that must end with 0 at the submitted commit before the task is passed. Only a verdict by
-- verb can carry what was run, so a plain write does not pass such a task. Judged where a verdict and an acceptance are; no claim comes here.

create function muster.required_checks(p_task public.os_tasks) returns text[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(distinct i.value ->> 'check'), '{}')
    from jsonb_array_elements(p_task.acceptance) i where i.value ->> 'check' is not null
$$;

-- A misspelt key would drop the check without a word.
create function muster.assert_acceptance(p_acceptance jsonb) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if p_acceptance is not null and jsonb_typeof(p_acceptance) <> 'array' then
    perform muster.refuse_value('acceptance must be a list such as [{"id":"a1","text":"…","check":"npm test"}]; check may be left out.');
  end if;
  perform muster.assert_object('acceptance item', i.value, '{"id":"string","text":"string","check":"string"}')
    from jsonb_array_elements(p_acceptance) i;
  if exists (select from jsonb_array_elements(p_acceptance) i
      where coalesce(i.value ->> 'id', '') = '' or coalesce(i.value ->> 'text', '') = '' or btrim(i.value ->> 'check') = '') then
    perform muster.refuse_value('Each acceptance item needs an id and a text. check is a command; leave it out where there is none.');
  end if;
end $$;

-- Refuses checks of the wrong shape, a pass over a failed or missing check, and a verdict on another commit than the submitted one.
create or replace function muster.assert_checks(p_task public.os_tasks, p_verdict text, p_options jsonb) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  checks constant jsonb := coalesce(p_options -> 'checks', '[]');
  required constant text[] := muster.required_checks(p_task);
  missing text;
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
  if p_verdict <> 'pass' or required = '{}' then
    return;
  end if;
  if coalesce(btrim(p_task.submitted_commit), '') = '' then
    perform muster.fail('MU422', 'MUSTER_EVIDENCE_REQUIRED',
      format('The checks of %s run at a commit, and none was submitted. Send verdict fail; the next submission names one.',
        lower(muster.task_name(p_task))));
  end if;
  select string_agg(r.command, ', ' order by r.command) into missing from unnest(required) r (command)
    where not exists (select from jsonb_array_elements(checks) c where c.value ->> 'command' = r.command);
  if missing is not null or p_options ->> 'commit' is null then
    perform muster.fail('MU422', 'MUSTER_EVIDENCE_REQUIRED',
      format('%s passes when its checks ended with 0 at commit %s. %s Send checks with each command as the acceptance has it, and commit.',
        muster.task_name(p_task), p_task.submitted_commit,
        coalesce('Not among yours: ' || left(missing, 1000) || '.', 'You named no commit.')));
  end if;
end $$;

create or replace function muster.judge_new_task(p_task public.os_tasks, p_actor uuid) returns public.os_tasks
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks := p_task;
  who constant text := case when muster.is_steward(p_actor) then 'steward' else 'agent' end;
  blank public.os_tasks;
begin
  if who = 'agent' then
    perform muster.require_agent(p_actor);
    if task.status = 'ready' then
      perform muster.fail('MU403', 'MUSTER_STEWARD_ONLY', 'Agents create tasks in triage; a steward makes them ready. Leave status out.');
    end if;
  end if;
  perform muster.assert_acceptance(task.acceptance);
  blank.status := 'new';
  blank.number := nextval('public.os_tasks_number_seq');
  task.number := blank.number;
  perform muster.assert_guards((muster.require_transition(blank, task.status, who)).guards, blank, task, p_actor, null, null);
  perform muster.assert_phase(task);
  task.origin := 'live';
  task.date_created := clock_timestamp();
  task.attempt := 0;
  task.claim_epoch := 0;
  task.version := 1;
  task.fence := null;
  task.evidence := null;
  task.submitted_commit := null;
  task.submitted_artifact := null;
  task.submitted_at := null;
  task.submitted_by := null;
  return muster.settle_status(muster.clear_claim(task));
end $$;

create or replace function muster.judge_task_update() returns trigger
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
  if fields ? 'acceptance' then
    perform muster.assert_acceptance(new.acceptance);
  end if;
  -- Of both: who passes a task may not take its checks away in the same write.
  if new.done_at is not null and old.done_at is null and (muster.required_checks(old) || muster.required_checks(new)) <> '{}' then
    perform muster.fail('MU422', 'MUSTER_EVIDENCE_REQUIRED',
      format('The acceptance of %s names checks, and a plain write cannot carry what was run. Use the verdict verb with checks and commit.',
        lower(muster.task_name(old))));
  end if;
  new.version := old.version + 1;
  new.date_updated := clock_timestamp();
  return new;
end $$;

update muster.transitions set guards = guards || array['checks'] where intent = 'pass';

revoke all on function muster.required_checks(public.os_tasks), muster.assert_acceptance(jsonb) from public;
