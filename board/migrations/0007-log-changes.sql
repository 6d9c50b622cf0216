-- Triggers that write os_events. Whether the caller is the database itself is read in each trigger's WHEN: inside a definer
-- function current_user is always the owner.

-- Keys of p_new that differ from p_old, with p_new's values.
create function muster.changed_fields(p_old jsonb, p_new jsonb) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_object_agg(n.key, n.value), '{}') from jsonb_each(p_new) n where n.value is distinct from p_old -> n.key
$$;

create function muster.actor_name(p_user uuid) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(
    (select a.name from public.os_agents a where a."user" = p_user),
    case when muster.is_steward(p_user) then 'steward' end)
$$;

-- tg_argv[0]: 'caller' (stamps name the actor) or 'system' (the database acts by itself).
create function muster.log_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  is_insert constant boolean := tg_op = 'INSERT';
  is_task constant boolean := tg_table_name = 'os_tasks';
  after_row constant jsonb := to_jsonb(new);
  before_row jsonb;
  after_fields jsonb;
  before_fields jsonb;
  actor uuid;
  who_name text := 'muster';
  kind text;
begin
  if is_insert then
    after_fields := after_row;
  else
    before_row := to_jsonb(old);
    after_fields := muster.changed_fields(before_row, after_row);
    -- A stamp alone is no change worth a row.
    if after_fields - array['user_updated', 'date_updated', 'last_seen_at'] = '{}' then
      return null;
    end if;
    before_fields := muster.changed_fields(after_row, before_row);
  end if;
  if tg_argv[0] = 'caller' then
    if session_user = 'muster_directus' then
      actor := coalesce(after_row ->> case when is_insert then 'user_created' else 'user_updated' end, after_row ->> 'verifier')::uuid;
    end if;
    who_name := coalesce(muster.actor_name(actor), session_user::text);
  end if;
  kind := case when is_insert then 'created' else 'edited' end;
  if is_task and not is_insert then
    kind := muster.task_event_kind(old, new, case when tg_argv[0] = 'system' then 'system' when muster.is_steward(actor) then 'steward' end);
  end if;
  perform muster.append_event(
    tg_table_name, (after_row ->> 'id')::uuid, case when is_task then (after_row ->> 'version')::integer end, kind, actor, who_name,
    (after_row ->> case when is_task then 'claim_epoch' else 'epoch' end)::integer, before_fields, after_fields);
  return null;
end $$;

-- p_who: 'system', 'steward' or null for an agent in any part.
create function muster.task_event_kind(p_old public.os_tasks, p_new public.os_tasks, p_who text) returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  kind text;
begin
  if p_new.status = p_old.status then
    return case
      when p_new.claim_epoch = p_old.claim_epoch and p_new.claim_session is null and p_old.claim_session is not null then 'review_released'
      when p_new.claim_epoch = p_old.claim_epoch and p_new.lease_expires_at is distinct from p_old.lease_expires_at
        and p_new.claim_session is not null
        and muster.changed_fields(to_jsonb(p_old), to_jsonb(p_new)) - array['version', 'lease_expires_at', 'user_updated', 'date_updated'] = '{}'
        then 'renewed'
      when p_new.claim_epoch = p_old.claim_epoch or p_new.claim_session is null then 'edited'
      when p_new.status = 'in_review' then 'review_claimed'
      else 'taken_over'
    end;
  end if;
  select t.event into kind from muster.transitions t
    where t.from_status = p_old.status and t.to_status = p_new.status
    order by (t.who = p_who) desc nulls last, (t.who in ('steward', 'system')) limit 1;
  return coalesce(kind, 'edited');
end $$;

do $$
declare
  relation text;
begin
  foreach relation in array array[
    'os_organizations', 'os_contacts', 'os_repositories', 'os_projects', 'os_phases', 'os_agents', 'os_sessions', 'os_releases',
    'os_prompts', 'os_task_dependencies', 'os_notes', 'os_verifications', 'os_reservations'
  ] loop
    execute format($f$create trigger %1$s_90_event after insert or update on public.%1$s
      for each row when (current_user <> 'muster_owner') execute function muster.log_change('caller')$f$, relation);
    execute format($f$create trigger %1$s_91_event after update on public.%1$s
      for each row when (current_user = 'muster_owner') execute function muster.log_change('system')$f$, relation);
  end loop;
end $$;

-- Seeded rows bring their own trail (muster.import_history); what happens to them later is logged like everything else.
create trigger os_verifications_92_event after insert on public.os_verifications
  for each row when (current_user = 'muster_owner' and new.origin = 'live') execute function muster.log_change('system');
create trigger os_tasks_90_event after insert on public.os_tasks
  for each row when (new.origin = 'live') execute function muster.log_change('caller');
create trigger os_tasks_91_event after update on public.os_tasks
  for each row when (current_user <> 'muster_owner' and new.version <> old.version) execute function muster.log_change('caller');
create trigger os_tasks_92_event after update on public.os_tasks
  for each row when (current_user = 'muster_owner' and new.version <> old.version) execute function muster.log_change('system');
