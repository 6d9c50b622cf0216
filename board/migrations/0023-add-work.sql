-- Adding tasks, dependencies, notes, reservations and usage through functions.

-- What a new task must be, and what starts from nothing whatever was sent: a copied task is a new one.
create function muster.judge_new_task(p_task public.os_tasks, p_actor uuid) returns public.os_tasks
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

create or replace function muster.judge_task_insert() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  return muster.judge_new_task(new, muster.require_actor(new.user_created));
end $$;

create function muster.insert_task(p_actor uuid, p_task jsonb) returns public.os_tasks
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks;
  phase_id uuid;
  project_id uuid;
  name text;
begin
  perform muster.assert_object('task', p_task, '{"project":"string","phase":"string","title":"string","description":"string","class":"string",
    "priority":"string","risk":"string","acceptance":"array","required_capabilities":"array","paths":"array","labels":"array",
    "max_attempts":"integer","lease_seconds":"integer","status":"string","depends_on":"array"}');
  foreach name in array array['project', 'title'] loop
    if p_task ->> name is null then
      perform muster.refuse_value(format('task.%s is needed.', name));
    end if;
  end loop;
  project_id := muster.find_project(p_task ->> 'project');
  if p_task ->> 'phase' is not null then
    select h.id into phase_id from public.os_phases h where h.project = project_id and h.key = p_task ->> 'phase';
    if phase_id is null then
      perform muster.fail('MU422', 'MUSTER_REFERENCE_UNKNOWN', 'The project has no such phase. Name a phase by its key, or leave it out.');
    end if;
  end if;
  task := muster.judge_new_task(jsonb_populate_record(null::public.os_tasks,
    '{"class":"feature","status":"triage","priority":"P2","risk":"low","acceptance":[],"required_capabilities":[],"paths":[],"labels":[],
      "max_attempts":3,"lease_seconds":900}'::jsonb
    || jsonb_strip_nulls(p_task - array['project', 'phase', 'depends_on'])
    || jsonb_build_object('id', gen_random_uuid(), 'project', project_id, 'phase', phase_id, 'user_created', p_actor)), p_actor);
  insert into public.os_tasks select task.*;
  perform muster.append_event('os_tasks', task.id, 1, 'created', p_actor, muster.actor_name(p_actor), task.claim_epoch, null, to_jsonb(task));
  return task;
end $$;

create function muster.may_edit_dependencies(p_actor uuid, p_task public.os_tasks, p_may_holder boolean) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
  select muster.is_steward(p_actor)
    or (p_task.status = 'triage' and p_task.user_created = p_actor)
    or (p_may_holder and exists (select from muster.leases l where l.task = p_task.id and l.kind = 'work' and l.holder = p_actor))
$$;

-- Returns whether it was new. The trigger refuses a circle.
create function muster.insert_dependency(p_actor uuid, p_task public.os_tasks, p_depends_on uuid) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  dependency public.os_task_dependencies;
begin
  if not muster.is_steward(p_actor) then
    perform muster.require_agent(p_actor);
  end if;
  if not muster.may_edit_dependencies(p_actor, p_task, true) then
    perform muster.fail('MU403', 'MUSTER_STEWARD_ONLY',
      format('Only a steward, the author in triage or the holder says what %s depends on. Leave a note.', lower(muster.task_name(p_task))));
  end if;
  if p_task.id = p_depends_on then
    perform muster.fail('MU422', 'MUSTER_DEPENDENCY_CYCLE', 'A task cannot depend on itself. Leave out this dependency.');
  end if;
  insert into public.os_task_dependencies (task, depends_on, user_created, date_created)
    values (p_task.id, p_depends_on, p_actor, clock_timestamp()) on conflict (task, depends_on) do nothing returning * into dependency;
  if dependency.id is null then
    return false;
  end if;
  perform muster.append_event('os_task_dependencies', dependency.id, 1, 'created', p_actor, muster.actor_name(p_actor), null, null, to_jsonb(dependency));
  return true;
end $$;

-- The tasks, in order; all or nothing. depends_on may name an earlier one as "@0", "@1", …
create function muster.insert_tasks(p_actor uuid, p_tasks jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  item jsonb;
  reference text;
  made public.os_tasks[] := '{}';
  task public.os_tasks;
  ordinal integer;
begin
  for item in select i.value from jsonb_array_elements(p_tasks) with ordinality i order by i.ordinality loop
    task := muster.insert_task(p_actor, item);
    made := made || task;
    for reference in select r.value from jsonb_array_elements_text(coalesce(nullif(item -> 'depends_on', 'null'), '[]')) r loop
      if reference ~ '^@[0-9]{1,2}$' then
        ordinal := substr(reference, 2)::integer + 1;
        if ordinal >= cardinality(made) then
          perform muster.refuse_value(format('depends_on %s does not name an earlier task of the call.', reference));
        end if;
        perform muster.insert_dependency(p_actor, task, made[ordinal].id);
      else
        perform muster.insert_dependency(p_actor, task, muster.find_task(reference));
      end if;
    end loop;
  end loop;
  return (select jsonb_agg(muster.task_state(m) order by m.number) from unnest(made) m);
end $$;

create function muster.add_tasks(p_actor uuid, p_tasks jsonb, p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('tasks', p_tasks);
  answer jsonb := muster.find_operation(p_op, p_actor, 'add_tasks', arguments);
begin
  if answer is not null then
    return answer;
  end if;
  perform muster.assert_list('tasks', p_tasks);
  return muster.record_operation(p_op, p_actor, 'add_tasks', arguments, jsonb_build_object('tasks', muster.insert_tasks(p_actor, p_tasks)));
end $$;

create function muster.add_task(p_actor uuid, p_task jsonb, p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task);
  answer jsonb := muster.find_operation(p_op, p_actor, 'add_task', arguments);
begin
  if answer is not null then
    return answer;
  end if;
  return muster.record_operation(p_op, p_actor, 'add_task', arguments, muster.insert_tasks(p_actor, jsonb_build_array(p_task)) -> 0);
end $$;

create function muster.add_dependency(p_actor uuid, p_task text, p_depends_on text, p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task, 'depends_on', p_depends_on);
  answer jsonb := muster.find_operation(p_op, p_actor, 'add_dependency', arguments);
  task public.os_tasks;
  target constant uuid := muster.find_task(p_depends_on);
begin
  if answer is not null then
    return answer;
  end if;
  task := muster.lock_task(p_task);
  return muster.record_operation(p_op, p_actor, 'add_dependency', arguments, jsonb_build_object('task', task.id, 'depends_on', target,
    'added', muster.insert_dependency(p_actor, task, target)));
end $$;

create function muster.remove_dependency(p_actor uuid, p_task text, p_depends_on text, p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task, 'depends_on', p_depends_on);
  answer jsonb := muster.find_operation(p_op, p_actor, 'remove_dependency', arguments);
  task public.os_tasks;
  target constant uuid := muster.find_task(p_depends_on);
  gone public.os_task_dependencies;
begin
  if answer is not null then
    return answer;
  end if;
  if not muster.is_steward(p_actor) then
    perform muster.require_agent(p_actor);
  end if;
  task := muster.lock_task(p_task);
  if not muster.may_edit_dependencies(p_actor, task, false) then
    perform muster.fail('MU403', 'MUSTER_STEWARD_ONLY', 'Only a steward, or the author in triage, removes a dependency. Leave a note.');
  end if;
  delete from public.os_task_dependencies d where d.task = task.id and d.depends_on = target returning * into gone;
  if gone.id is not null then
    perform muster.append_event('os_task_dependencies', gone.id, null, 'removed', p_actor, muster.actor_name(p_actor), null, to_jsonb(gone), '{}');
  end if;
  return muster.record_operation(p_op, p_actor, 'remove_dependency', arguments,
    jsonb_build_object('task', task.id, 'depends_on', target, 'removed', gone.id is not null));
end $$;

create function muster.add_note(p_actor uuid, p_task text, p_body text, p_kind text default 'note', p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task, 'body', p_body, 'kind', p_kind);
  answer jsonb := muster.find_operation(p_op, p_actor, 'add_note', arguments);
  task constant uuid := muster.find_task(p_task);
begin
  if answer is not null then
    return answer;
  end if;
  if not muster.is_steward(p_actor) then
    perform muster.require_agent(p_actor);
  end if;
  if btrim(coalesce(p_body, '')) = '' then
    perform muster.refuse_value('A note needs a body.');
  end if;
  return muster.record_operation(p_op, p_actor, 'add_note', arguments,
    jsonb_build_object('note', muster.write_note(p_actor, task, p_kind, p_body), 'task', task, 'kind', p_kind));
end $$;

create function muster.report_usage(p_actor uuid, p_task text, p_fence integer, p_usage jsonb, p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task, 'fence', p_fence, 'usage', p_usage);
  answer jsonb := muster.find_operation(p_op, p_actor, 'report_usage', arguments);
  target constant uuid := muster.find_task(p_task);
  claim uuid;
  made uuid;
begin
  if answer is not null then
    return answer;
  end if;
  perform muster.assert_object('usage', p_usage, '{"kind":"string","tokens_in":"integer","tokens_out":"integer","cost_usd":"number"}');
  claim := muster.add_usage(p_actor, target, p_fence, p_usage);
  if claim is null then
    perform muster.fail('MU403', 'MUSTER_NOT_HOLDER', 'Usage is booked on a claim of your own. Send the fence of one.');
  end if;
  insert into public.os_usage (task, agent, claim, kind, tokens_in, tokens_out, cost_usd, at)
    select target, c.agent, c.id, coalesce(p_usage ->> 'kind', 'tokens'), (p_usage ->> 'tokens_in')::integer, (p_usage ->> 'tokens_out')::integer,
      (p_usage ->> 'cost_usd')::numeric, clock_timestamp() from public.os_claims c where c.id = claim returning id into made;
  return muster.record_operation(p_op, p_actor, 'report_usage', arguments, jsonb_build_object('usage', made));
end $$;
