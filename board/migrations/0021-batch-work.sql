-- Many at once, and one after the other in one commit.

-- A refusal as an answer; anything that is not the law's goes on as an error.
create function muster.refusal_answer(p_sqlstate text, p_message text, p_detail text) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if p_sqlstate like 'MU%' then
    return p_detail::jsonb || jsonb_build_object('sqlstate', p_sqlstate);
  end if;
  if p_sqlstate like '22%' or p_sqlstate like '23%' then
    return jsonb_build_object('code', 'MUSTER_VALUE_INVALID', 'sqlstate', 'MU422', 'message', 'A value breaks a rule of its field.');
  end if;
  raise exception using errcode = p_sqlstate, message = p_message, detail = coalesce(p_detail, '');
end $$;

create function muster.complete_many(p_actor uuid, p_items jsonb, p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('items', p_items);
  answer jsonb := muster.find_operation(p_op, p_actor, 'complete_many', arguments);
  item record;
  applied jsonb[] := '{}';
  refused jsonb[] := '{}';
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
  for item in select i.value from jsonb_array_elements(p_items) i order by muster.find_task(i.value ->> 'task') loop
    begin
      applied := applied || muster.task_state(muster.apply_submit(p_actor, item.value ->> 'task', (item.value ->> 'fence')::integer,
        item.value - array['task', 'fence']));
    exception when others then
      get stacked diagnostics refusal_detail = pg_exception_detail;
      refused := refused || (jsonb_build_object('task', item.value -> 'task') || muster.refusal_answer(sqlstate, sqlerrm, refusal_detail));
    end;
  end loop;
  return muster.record_operation(p_op, p_actor, 'complete_many', arguments,
    jsonb_build_object('applied', to_jsonb(applied), 'refused', to_jsonb(refused)));
end $$;

-- Submits and claims the next in one commit. A refused submission claims nothing.
create function muster.advance(p_actor uuid, p_session text, p_finish jsonb, p_options jsonb default '{}', p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('session', p_session, 'finish', p_finish, 'options', p_options);
  answer jsonb := muster.find_operation(p_op, p_actor, 'advance', arguments);
  submitted jsonb;
begin
  if answer is not null then
    return answer;
  end if;
  perform muster.assert_claim_options(p_options, p_session);
  if p_finish is null or jsonb_typeof(p_finish) <> 'object' or jsonb_typeof(p_finish -> 'fence') <> 'number' then
    perform muster.refuse_value('finish must be an object with task, a whole number as fence, and commit or artifact.');
  end if;
  submitted := muster.task_state(muster.apply_submit(p_actor, p_finish ->> 'task', (p_finish ->> 'fence')::integer, p_finish - array['task', 'fence']));
  return muster.record_operation(p_op, p_actor, 'advance', arguments,
    jsonb_build_object('submitted', submitted, 'next', muster.take_next(p_actor, p_session, p_options)));
end $$;
