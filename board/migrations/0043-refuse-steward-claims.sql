-- A steward who named the holder's own session was answered as if the claim were its own: nothing differed, so nothing was judged.

create or replace function muster.move_task(p_old public.os_tasks, p_new public.os_tasks, p_is_claim boolean, p_actor uuid) returns public.os_tasks
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  fields constant jsonb := muster.changed_fields(to_jsonb(p_old), to_jsonb(p_new)) - array['user_updated', 'date_updated'];
  judged public.os_tasks;
begin
  if muster.is_steward(p_actor) then
    if p_is_claim then
      perform muster.assert_claimant(p_actor);
    end if;
    judged := muster.judge_steward(p_old, p_new, fields, p_actor);
  else
    judged := muster.judge_agent(p_old, p_new, fields, p_is_claim, p_actor);
  end if;
  return muster.write_task(p_old, judged, p_actor, null);
end $$;
