-- The law of everything but tasks: what only stewards write, whose name a note bears, and that dependencies close no circle.
-- UPDATE OF date_updated fires on every item update of Directus and on nothing else.

create function muster.guard_steward_record() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  actor constant uuid := muster.require_actor(case when tg_op = 'INSERT' then new.user_created else new.user_updated end);
begin
  if muster.is_steward(actor) then
    return new;
  end if;
  if tg_op = 'UPDATE' and muster.changed_fields(to_jsonb(old), to_jsonb(new)) - array['user_updated', 'date_updated'] = '{}' then
    return old;
  end if;
  perform muster.fail('MU403', 'MUSTER_STEWARD_ONLY',
    format('Only a steward writes %s. Ask one, or leave a note on the task.', tg_table_name));
end $$;

do $$
declare
  relation text;
begin
  foreach relation in array array[
    'os_organizations', 'os_contacts', 'os_repositories', 'os_projects', 'os_phases', 'os_agents', 'os_sessions', 'os_releases',
    'os_prompts', 'os_task_dependencies', 'os_reservations'
  ] loop
    execute format($f$create trigger %1$s_10_api before insert or update of date_updated on public.%1$s
      for each row when (current_user <> 'muster_owner') execute function muster.guard_steward_record()$f$, relation);
  end loop;
end $$;

create function muster.guard_note() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  actor constant uuid := muster.require_actor(case when tg_op = 'INSERT' then new.user_created else new.user_updated end);
  is_steward constant boolean := muster.is_steward(actor);
begin
  if tg_op = 'INSERT' then
    select a.id into new.agent from public.os_agents a where a."user" = actor;
    if not is_steward then
      new.agent := (muster.require_agent(actor)).id;
    end if;
    return new;
  end if;
  if muster.changed_fields(to_jsonb(old), to_jsonb(new)) - array['user_updated', 'date_updated'] = '{}' then
    return old;
  end if;
  if not is_steward then
    perform muster.fail('MU403', 'MUSTER_STEWARD_ONLY', 'Notes are not edited. Write a new one that corrects this one.');
  end if;
  new.agent := old.agent;
  new.user_created := old.user_created;
  return new;
end $$;

create trigger os_notes_10_api before insert or update of date_updated on public.os_notes
  for each row when (current_user <> 'muster_owner') execute function muster.guard_note();

-- One lock for all edits of the graph: two halves of a circle cannot be added side by side.
create function muster.guard_dependency_cycle() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtext('muster.task_dependencies'));
  if exists (
    with recursive reachable (task) as (
      select new.depends_on
      union
      select d.depends_on from public.os_task_dependencies d join reachable r on d.task = r.task
    )
    select from reachable r where r.task = new.task
  ) then
    perform muster.fail('MU422', 'MUSTER_DEPENDENCY_CYCLE', 'This dependency would close a circle. Leave out one of the dependencies.');
  end if;
  return new;
end $$;

create trigger os_task_dependencies_20_cycle before insert or update of task, depends_on on public.os_task_dependencies
  for each row execute function muster.guard_dependency_cycle();
