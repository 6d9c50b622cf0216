-- A claim and a submission enter the task's new version into each of its indexes, and an attempt into each of its own.

-- One index in place of two: of all projects it answers for a status as well, since Postgres skips from project to project.
drop index public.os_tasks_status_index;
drop index public.os_tasks_project_index;
create index os_tasks_project_status_index on public.os_tasks (project, status);

-- Keys in the order of their time. Tasks are claimed in about the order in which they came: their entries, and those of their events, attempts
-- and leases, then lie beside the ones that were touched just before, and not on a page of their own each. Of what comes through its own doors
-- Directus makes the key itself, at random.
alter table public.os_tasks alter column id set default uuidv7();
alter table public.os_claims alter column id set default uuidv7();

create or replace function muster.insert_task(p_actor uuid, p_task jsonb) returns public.os_tasks
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
    || jsonb_build_object('id', uuidv7(), 'project', project_id, 'phase', phase_id, 'user_created', p_actor)), p_actor);
  insert into public.os_tasks select task.*;
  perform muster.append_event('os_tasks', task.id, 1, 'created', p_actor, muster.actor_name(p_actor), task.claim_epoch, null, to_jsonb(task));
  return task;
end $$;
