-- Submitting on muster.write_claims. Every rule stands where it stood: these functions decide only whether a call is the plain one, and
-- hand every other over to the functions that judge.

-- Whether a submission's result is well formed and names what was made. What is not is refused by muster.apply_submit, in its words.
create function muster.is_plain_result(p_result jsonb) returns boolean
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  return coalesce(jsonb_typeof(p_result) = 'object'
    and coalesce(jsonb_typeof(p_result -> 'commit'), 'null') in ('string', 'null')
    and coalesce(jsonb_typeof(p_result -> 'artifact'), 'null') in ('string', 'null')
    and (coalesce(btrim(p_result ->> 'commit'), '') <> '' or coalesce(btrim(p_result ->> 'artifact'), '') <> '')
    and (p_result - array['commit', 'artifact'] = '{}'
      or p_result - array['commit', 'artifact', 'closing_note', 'tokens_in', 'tokens_out', 'cost_usd'] = '{}'
        and coalesce(jsonb_typeof(p_result -> 'closing_note'), 'null') in ('string', 'null')
        and (coalesce(jsonb_typeof(p_result -> 'tokens_in'), 'null') = 'null'
          or jsonb_typeof(p_result -> 'tokens_in') = 'number' and p_result ->> 'tokens_in' ~ '^[0-9]{1,9}$')
        and (coalesce(jsonb_typeof(p_result -> 'tokens_out'), 'null') = 'null'
          or jsonb_typeof(p_result -> 'tokens_out') = 'number' and p_result ->> 'tokens_out' ~ '^[0-9]{1,9}$')
        and (coalesce(jsonb_typeof(p_result -> 'cost_usd'), 'null') = 'null'
          or jsonb_typeof(p_result -> 'cost_usd') = 'number' and (p_result ->> 'cost_usd')::numeric between 0 and 1000000)), false);
end $$;

/*
 * The ids of those tasks that the actor may submit plainly, all of p_tasks locked in the order of their ids: in progress, held by the
 * actor's work claim of that very epoch, with nothing on the row that a submission would have to clear. Null: none, or the actor is a
 * steward or no active agent. p_fences stand beside p_tasks.
 */
create function muster.lock_held(
  p_actor uuid, p_tasks uuid[], p_fences integer[], out tasks uuid[], out agent uuid, out name text, out family text
)
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off as $$
declare
  locked uuid[];
begin
  with locked as materialized (
    select t.id, t.status, t.claim_epoch, t.blocked_reason, t.blocked_owner, t.blocked_action, t.blocked_until, t.verified_at, t.verified_by
      from public.os_tasks t where t.id = any (p_tasks) order by t.id for no key update
  )
  select array_agg(t.id) into locked from locked t
    where t.status = 'in_progress' and t.claim_epoch = p_fences[array_position(p_tasks, t.id)]
      and t.blocked_reason is null and t.blocked_owner is null and t.blocked_action is null and t.blocked_until is null
      and t.verified_at is null and t.verified_by is null;
  -- A second look, after the locks: what a holder before us committed is seen now.
  select a.id, a.name, a.model_family, (
      select array_agg(l.task order by l.task)
        from muster.leases l join public.os_claims c on c.task = l.task and c.ended_at is null and c.epoch = l.epoch
        where l.task = any (locked) and c.task = any (locked) and l.holder = p_actor and l.kind = 'work'
          and coalesce(greatest(c.tokens_in, c.tokens_out), 0) <= 1000000000 and coalesce(c.cost_usd, 0) <= 10000000)
    into agent, name, family, tasks
    from public.os_agents a
    where locked is not null and a."user" = p_actor and a.status = 'active' and not exists (
      select from public.directus_users u join muster.config s on s.name = 'steward_roles'
        where u.id = p_actor and u.status = 'active' and s.value ? u.role::text);
end $$;

-- The id that a task is named by. Of a uuid, whether there is such a task is seen by whoever looks for the row.
create function muster.task_id(p_task text) returns uuid
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return case when p_task ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' then p_task::uuid else muster.find_task(p_task) end;
end $$;

create or replace function muster.submit(p_actor uuid, p_task text, p_fence integer, p_result jsonb, p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments jsonb;
  answer jsonb;
  task uuid;
  held record;
begin
  if p_op is not null or p_actor is null then
    arguments := jsonb_build_object('task', p_task, 'fence', p_fence, 'result', p_result);
    answer := muster.find_operation(p_op, p_actor, 'submit', arguments);
    if answer is not null then
      return answer;
    end if;
  end if;
  if p_fence is not null and muster.is_plain_result(p_result) then
    task := muster.task_id(p_task);
    held := muster.lock_held(p_actor, array[task], array[p_fence]);
    if held.tasks is not null then
      answer := muster.write_claims(p_actor, held.agent, held.name, held.family, null, null, null, held.tasks,
        jsonb_build_array(p_result || jsonb_build_object('task', task, 'fence', p_fence))) #> '{submitted,0}';
    end if;
  end if;
  if answer is null then
    answer := muster.task_state(muster.apply_submit(p_actor, p_task, p_fence, p_result));
  end if;
  return case when p_op is null then answer else muster.record_operation(p_op, p_actor, 'submit', arguments, answer) end;
end $$;

create or replace function muster.complete_many(p_actor uuid, p_items jsonb, p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('items', p_items);
  answer jsonb := muster.find_operation(p_op, p_actor, 'complete_many', arguments);
  ids uuid[];
  fences integer[];
  held record;
  plain uuid[] := '{}';
  applied jsonb := '[]';
  refused jsonb := '[]';
  item record;
  refusal_detail text;
begin
  if answer is not null then
    return answer;
  end if;
  perform muster.assert_list('items', p_items);
  if exists (select from jsonb_array_elements(p_items) i where jsonb_typeof(i.value) <> 'object') then
    perform muster.refuse_value('Each item must be an object.');
  end if;
  -- In the order of their ids, as everything that locks many tasks: two batches cannot wait for each other.
  select array_agg(x.id order by x.id), array_agg(x.fence order by x.id) into ids, fences from (
    select muster.task_id(i.value ->> 'task') as id,
        case when jsonb_typeof(i.value -> 'fence') = 'number' and i.value ->> 'fence' ~ '^[0-9]{1,9}$'
          and muster.is_plain_result(i.value - array['task', 'fence']) then (i.value ->> 'fence')::integer end as fence
      from jsonb_array_elements(p_items) i) x;
  -- One task named twice is submitted once and refused once: that is judged one after the other.
  if (select count(distinct x.id) = count(*) from unnest(ids) x (id)) then
    held := muster.lock_held(p_actor, ids, fences);
    plain := coalesce(held.tasks, plain);
    if cardinality(plain) > 0 then
      applied := muster.write_claims(p_actor, held.agent, held.name, held.family, null, null, null, plain, (
        select jsonb_agg(i.value || jsonb_build_object('task', t.id)) from unnest(plain) t (id)
          join jsonb_array_elements(p_items) i on muster.task_id(i.value ->> 'task') = t.id)) -> 'submitted';
    end if;
  end if;
  if jsonb_array_length(applied) < cardinality(ids) then
    for item in
      select i.value from jsonb_array_elements(p_items) i
        where muster.task_id(i.value ->> 'task') <> all (plain)
        order by muster.find_task(i.value ->> 'task')
    loop
      begin
        applied := applied || muster.task_state(muster.apply_submit(p_actor, item.value ->> 'task', (item.value ->> 'fence')::integer,
          item.value - array['task', 'fence']));
      exception when others then
        get stacked diagnostics refusal_detail = pg_exception_detail;
        refused := refused || (jsonb_build_object('task', item.value -> 'task') || muster.refusal_answer(sqlstate, sqlerrm, refusal_detail));
      end;
    end loop;
    applied := (select coalesce(jsonb_agg(a.value order by a.value ->> 'id'), '[]') from jsonb_array_elements(applied) a);
  end if;
  return muster.record_operation(p_op, p_actor, 'complete_many', arguments, jsonb_build_object('applied', applied, 'refused', refused));
end $$;

