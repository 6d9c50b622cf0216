-- Seeded history, last part: tasks with their claims, leases and verdicts, receipts, and the entry point.

-- Inserts one task that does not exist yet, with its claims, lease, verdicts and trail. Returns how many claims and verdicts.
create function muster.import_task(p_document jsonb, p_item jsonb, p_row jsonb, p_place text, p_now timestamptz) returns integer[]
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  claims jsonb;
  verdicts jsonb;
  open_claim jsonb;
  spec muster.import_collections;
  final public.os_tasks;
  state jsonb;
  row jsonb;
  item jsonb;
  lease muster.leases;
  leftover jsonb;
begin
  select coalesce(jsonb_agg(c.value), '[]') into claims from jsonb_array_elements(coalesce(p_document -> 'claims', '[]')) c where c.value -> 'task' = p_item -> 'number';
  select coalesce(jsonb_agg(v.value), '[]') into verdicts from jsonb_array_elements(coalesce(p_document -> 'verifications', '[]')) v where v.value -> 'task' = p_item -> 'number';
  perform muster.assert_claims(p_item, claims, p_place);
  select c.value into open_claim from jsonb_array_elements(claims) c where c.value -> 'ended_at' is null;

  row := jsonb_build_object('id', gen_random_uuid(), 'class', 'feature', 'status', 'triage', 'priority', 'P2', 'risk', 'low',
    'acceptance', '[]'::jsonb, 'required_capabilities', '[]'::jsonb, 'paths', '[]'::jsonb, 'labels', '[]'::jsonb, 'max_attempts', 3,
    'attempt', 0, 'lease_seconds', 900, 'version', 1, 'date_created', p_now)
    || p_row || jsonb_build_object('claim_epoch', jsonb_array_length(claims), 'origin', 'seed', 'assigned_to', null);
  if row ->> 'status' = 'done' and row ->> 'done_at' is null then
    row := row || jsonb_build_object('done_at', coalesce(row -> 'verified_at', row -> 'date_updated', to_jsonb(p_now)));
  end if;
  if open_claim is not null then
    lease.agent := muster.import_reference('agent', open_claim, p_place);
    select a."user" into lease.holder from public.os_agents a where a.id = lease.agent;
    lease.task := (row ->> 'id')::uuid;
    lease.kind := coalesce(open_claim ->> 'kind', 'work');
    lease.epoch := (open_claim ->> 'epoch')::integer;
    lease.session := open_claim ->> 'session';
    lease.granted_at := muster.import_instant(open_claim ->> 'claimed_at', p_now, p_place);
    lease.heartbeat_at := coalesce(muster.import_instant(open_claim ->> 'heartbeat_at', p_now, p_place), p_now);
    lease.expires_at := coalesce(muster.import_instant(open_claim ->> 'expires_at', p_now, p_place),
      lease.heartbeat_at + make_interval(secs => (row ->> 'lease_seconds')::integer));
    row := row || jsonb_build_object('assigned_to', lease.holder, 'claim_session', lease.session, 'claimed_at', lease.granted_at,
      'lease_expires_at', lease.expires_at);
  end if;
  final := jsonb_populate_record(null::public.os_tasks, row);
  if final.phase is not null then
    perform muster.assert_phase(final);
  end if;
  state := muster.queue_task_trail(final, claims, verdicts, p_now, p_place);
  if final.status in ('in_progress', 'in_review', 'done') and state ->> 'status' <> final.status then
    perform muster.refuse_document(p_place, format('its claims and verdicts end in %s, but its status is %s.', state ->> 'status', final.status));
  end if;

  final.date_updated := coalesce(final.date_updated, (select max(t.at) from muster.import_trail t where t.entity_id = final.id));
  leftover := muster.changed_fields(state, to_jsonb(final) - 'version');
  if state ->> 'status' = final.status then
    update muster.import_trail t set
      after = t.after || leftover,
      before = case when t.before is not null then (select jsonb_object_agg(k, state -> k) from jsonb_object_keys(leftover) k) || t.before end
      where t.seq = (select max(x.seq) from muster.import_trail x where x.entity_id = final.id);
  else
    state := muster.queue_event(final.id,
      coalesce((select t.event from muster.transitions t where t.from_status = state ->> 'status' and t.to_status = final.status
        order by t.who <> 'steward' limit 1), case when final.status = 'blocked' then 'blocked' else 'edited' end), 'steward', final.date_updated, state, leftover);
  end if;
  final.version := (state ->> 'version')::integer;
  insert into public.os_tasks select final.*;

  select * into spec from muster.import_collections c where c.collection = 'claims';
  for item in select c.value from jsonb_array_elements(claims) c loop
    row := muster.import_resolve(spec, item, p_place || ' claim', p_now);
    perform muster.import_row(spec, '{"attempt":1,"kind":"work"}'::jsonb || (row - array['expires_at', 'heartbeat_at']) || jsonb_build_object('origin', 'seed')
      || (select jsonb_build_object('model_family', a.model_family, 'holder', a."user") from public.os_agents a where a.id = (row ->> 'agent')::uuid));
  end loop;
  if lease.task is not null then
    insert into muster.leases select lease.*;
  end if;
  select * into spec from muster.import_collections c where c.collection = 'verifications';
  for item in select v.value from jsonb_array_elements(verdicts) v order by (v.value ->> 'epoch')::integer loop
    row := muster.import_resolve(spec, item, p_place || ' verification', p_now);
    perform muster.import_row(spec, jsonb_build_object('date_created', p_now)
      || (select jsonb_build_object('claim', c.id, 'attempt', c.attempt, 'commit_sha', final.submitted_commit) from public.os_claims c
        where c.task = final.id and c.kind = 'work' and c.epoch < (item ->> 'epoch')::integer order by c.epoch desc limit 1)
      || row || jsonb_build_object('origin', 'seed')
      || (select jsonb_build_object('model_family', a.model_family, 'verifier', a."user") from public.os_agents a where a.id = (row ->> 'agent')::uuid));
  end loop;
  return array[jsonb_array_length(claims), jsonb_array_length(verdicts)];
end $$;

-- What a receipt's hash covers: every column but its id and the two hashes; issued_at as UTC text.
create function muster.receipt_hash(p_prev_hash text, p_receipt public.os_receipts) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select encode(sha256(convert_to('muster-receipt/1' || chr(10) || coalesce(p_prev_hash, '') || chr(10)
    || (to_jsonb(p_receipt) - array['id', 'prev_hash', 'hash']
      || jsonb_build_object('issued_at', (p_receipt.issued_at at time zone 'UTC')::text))::text, 'UTF8')), 'hex')
$$;

create function muster.import_receipt(p_collection muster.import_collections, p_row jsonb, p_now timestamptz) returns text
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  row jsonb := jsonb_build_object('steps', '[]'::jsonb, 'issued_at', p_now) || p_row || jsonb_build_object('origin', 'seed');
  head text;
begin
  if exists (select from public.os_receipts r where r.number = (p_row ->> 'number')::integer) then
    return 'unchanged';
  end if;
  select h.hash into head from muster.chain_heads h where h.chain = 'receipts' for update;
  row := row || jsonb_build_object('prev_hash', head,
    'hash', muster.receipt_hash(head, jsonb_populate_record(null::public.os_receipts, row)));
  update muster.chain_heads h set hash = row ->> 'hash' where h.chain = 'receipts';
  return muster.import_row(p_collection, row);
end $$;

-- Stable ids for rows that have no natural key of their own.
create function muster.import_id(p_collection text, p_item jsonb) returns uuid
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select md5(p_collection || chr(10) || (case p_collection
    when 'notes' then jsonb_build_array(p_item -> 'task', p_item -> 'body')
    else jsonb_build_array(p_item -> 'kind', p_item -> 'task', p_item -> 'agent', p_item -> 'claim', coalesce(p_item ->> 'key', '')) end)::text)::uuid
$$;

/*
 * Writes a history document and returns {"<collection>":{"inserted":n,"updated":n}} for each collection that it holds.
 * Idempotent by natural keys. Existing tasks keep everything that has happened to them; their claims and verdicts are not read.
 */
create function muster.import_history(p_document jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  imported_at constant timestamptz := clock_timestamp();
  counts jsonb := '{}';
  spec muster.import_collections;
  item record;
  place text;
  row jsonb;
  result text;
  made integer[];
  made_claims integer := 0;
  made_verdicts integer := 0;
  existing public.os_tasks;
  trail record;
  stray text;
begin
  lock table muster.import_trail in exclusive mode;
  select k into stray from jsonb_object_keys(p_document) k where k not in (select c.collection from muster.import_collections c) limit 1;
  if stray is not null then
    perform muster.refuse_document('its top level', format('unknown key %s.', stray));
  end if;
  for spec in select * from muster.import_collections c where p_document ? c.collection order by c.ordinal loop
    counts := counts || jsonb_build_object(spec.collection, jsonb_build_object('inserted', 0, 'updated', 0));
    for item in select i.value, i.ordinality from jsonb_array_elements(p_document -> spec.collection) with ordinality i loop
      place := format('%s row %s', spec.collection, item.ordinality);
      result := 'unchanged';
      row := case when spec.collection not in ('claims', 'verifications') then muster.import_resolve(spec, item.value, place, imported_at) end;
      case spec.collection
        when 'tasks' then
          select * into existing from public.os_tasks t where t.number = (item.value ->> 'number')::integer;
          if not found then
            made := muster.import_task(p_document, item.value, row, place, imported_at);
            made_claims := made_claims + made[1];
            made_verdicts := made_verdicts + made[2];
            result := 'inserted';
          elsif existing.origin = 'live' then
            perform muster.refuse_document(place, format('number %s is taken by a task that was made here.', existing.number));
          end if;
        when 'claims', 'verifications' then
          -- Written together with their task; here only the reference is checked.
          perform muster.import_reference('task', item.value, place);
        when 'receipts' then
          result := muster.import_receipt(spec, row, imported_at);
        when 'notes', 'usage' then
          row := row - 'key' || jsonb_build_object('id', muster.import_id(spec.collection, item.value))
            || case when spec.collection = 'usage' then '{"origin":"seed"}'::jsonb else '{}' end;
          result := muster.import_row(spec, row);
        else
          result := muster.import_row(spec, row);
      end case;
      if result <> 'unchanged' then
        counts := jsonb_set(counts, array[spec.collection, result], to_jsonb((counts #>> array[spec.collection, result])::integer + 1));
      end if;
    end loop;
  end loop;
  if p_document ? 'claims' then
    counts := jsonb_set(counts, '{claims,inserted}', to_jsonb(made_claims));
  end if;
  if p_document ? 'verifications' then
    counts := jsonb_set(counts, '{verifications,inserted}', to_jsonb(made_verdicts));
  end if;
  -- In the order in which it happened; an entity's own order wins over its dates.
  for trail in
    select t.*, max(t.at) over (partition by t.entity, t.entity_id order by t.seq) as settled_at from muster.import_trail t order by settled_at, t.seq
  loop
    perform muster.append_event(trail.entity, trail.entity_id, null, trail.kind, null, trail.actor_name, trail.epoch, trail.before,
      trail.after, trail.at, 'seed');
  end loop;
  delete from muster.import_trail;
  perform setval('public.os_tasks_number_seq', t.number) from (select max(number) as number from public.os_tasks) t
    where t.number > (select last_value from public.os_tasks_number_seq);
  perform setval('public.os_receipts_number_seq', r.number) from (select max(number) as number from public.os_receipts) r
    where r.number > (select last_value from public.os_receipts_number_seq);
  return counts;
end $$;
