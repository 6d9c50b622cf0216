-- Postgres parses the WHEN of each trigger of a table anew for each statement, from its stored text. Of a name that text has a number for each
-- of 64 bytes: compared as text it has fourteen. And what follows a patch is asked for once: its event, then the queue, dependents, receipt.

create or replace function muster.follow_patch() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  old_row jsonb;
  new_row jsonb;
  actor uuid;
begin
  if new.version <> old.version then
    old_row := to_jsonb(old);
    new_row := to_jsonb(new);
    if session_user = 'muster_directus' then
      actor := new.user_updated;
    end if;
    perform muster.append_event('os_tasks', new.id, new.version,
      muster.task_event_kind(old, new, case when muster.is_steward(actor) then 'steward' end), actor,
      coalesce(muster.actor_name(actor), session_user::text), new.claim_epoch,
      muster.changed_fields(new_row, old_row), muster.changed_fields(old_row, new_row));
  end if;
  perform muster.follow_task(old, new);
  -- A pass by plain PATCH issues its receipt here; the verbs issue theirs themselves, with the checks that they carry.
  if new.status = 'done' and old.status = 'in_review' and new.class = 'bug' then
    perform muster.issue_receipt(new.id,
      (select v.id from public.os_verifications v where v.task = new.id order by v.epoch desc, v.date_created desc limit 1), new.user_updated);
  end if;
  return null;
end $$;

drop trigger os_tasks_05_session on public.os_tasks;
drop trigger os_tasks_10_api on public.os_tasks;
drop trigger os_tasks_20_raw on public.os_tasks;
drop trigger os_tasks_91_event on public.os_tasks;
drop trigger os_tasks_94_follow on public.os_tasks;
create trigger os_tasks_05_session before update of claim_session on public.os_tasks
  for each row when (current_user::text <> 'muster_owner') execute function muster.mark_named_session();
create trigger os_tasks_10_api before update of date_updated on public.os_tasks
  for each row when (current_user::text <> 'muster_owner') execute function muster.judge_task_update();
create trigger os_tasks_20_raw before update on public.os_tasks
  for each row when (current_user::text <> 'muster_owner') execute function muster.refuse_raw_task_write();
create trigger os_tasks_91_follow after update on public.os_tasks
  for each row when (current_user::text <> 'muster_owner') execute function muster.follow_patch();
