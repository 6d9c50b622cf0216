-- Seeded history, second part: the trail that a task's claims and verdicts would have left.

create function muster.queue_event(
  p_task uuid, p_kind text, p_actor_name text, p_at timestamptz, p_state jsonb, p_patch jsonb
) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  patch constant jsonb := p_patch || jsonb_build_object('version', coalesce((p_state ->> 'version')::integer, 0) + 1);
begin
  insert into muster.import_trail (entity, entity_id, kind, actor_name, epoch, before, after, at) values (
    'os_tasks', p_task, p_kind, p_actor_name, coalesce(patch ->> 'claim_epoch', p_state ->> 'claim_epoch')::integer,
    case when p_kind <> 'created' then (select jsonb_object_agg(k, p_state -> k) from jsonb_object_keys(patch) k) end, patch, p_at);
  return p_state || patch;
end $$;

-- p_claims: the task's items of the document by epoch, p_verdicts likewise; p_final: the task as it stands today, version aside.
-- Queues one event per step of that life, the last one ending in p_final, and returns the state before that last correction.
create function muster.queue_task_trail(p_final public.os_tasks, p_claims jsonb, p_verdicts jsonb, p_now timestamptz, p_place text)
returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  no_claim constant jsonb := '{"assigned_to":null,"claim_session":null,"claimed_at":null,"lease_expires_at":null}';
  no_block constant jsonb := '{"blocked_type":null,"blocked_reason":null,"blocked_owner":null,"blocked_action":null,"blocked_until":null}';
  final constant jsonb := to_jsonb(p_final);
  state jsonb := '{}';
  claim jsonb;
  verdict jsonb;
  claimed_at timestamptz;
  ended_at timestamptz;
  patch jsonb;
begin
  state := muster.queue_event(p_final.id, 'created', 'seed', p_final.date_created, '{}', final || no_claim || no_block
    || jsonb_build_object('status', case when p_final.status = 'triage' then 'triage' else 'ready' end, 'attempt', 0, 'claim_epoch', 0)
    || (select jsonb_object_agg(k, null) from unnest(array['submitted_commit', 'submitted_artifact', 'submitted_at', 'submitted_by',
      'verified_by', 'verified_at', 'done_at', 'closing_note', 'status_reason', 'date_updated']) k));
  for claim in select c.value from jsonb_array_elements(p_claims) c order by (c.value ->> 'epoch')::integer loop
    claimed_at := muster.import_instant(claim ->> 'claimed_at', p_now, p_place);
    ended_at := muster.import_instant(claim ->> 'ended_at', p_now, p_place);
    if state ->> 'status' = 'blocked' then
      state := muster.queue_event(p_final.id, 'unblocked', 'muster', claimed_at, state, no_block || '{"status":"ready"}');
    end if;
    patch := jsonb_build_object('claim_epoch', claim -> 'epoch', 'claim_session', claim -> 'session', 'claimed_at', claimed_at,
      'lease_expires_at', claimed_at + make_interval(secs => p_final.lease_seconds));
    if coalesce(claim ->> 'kind', 'work') = 'work' then
      state := muster.queue_event(p_final.id, 'claimed', claim ->> 'agent', claimed_at, state, patch || '{"status":"in_progress"}');
    else
      state := muster.queue_event(p_final.id, 'review_claimed', claim ->> 'agent', claimed_at, state, patch);
    end if;
    continue when ended_at is null;
    select v.value into verdict from jsonb_array_elements(p_verdicts) v where v.value -> 'epoch' = claim -> 'epoch';
    patch := no_claim;
    case
      when claim ->> 'ended_by' = 'submitted' then
        state := muster.queue_event(p_final.id, 'submitted', claim ->> 'agent', ended_at, state, patch || jsonb_build_object('status', 'in_review', 'submitted_at', ended_at));
      when claim ->> 'ended_by' = 'blocked' then
        state := muster.queue_event(p_final.id, 'blocked', claim ->> 'agent', ended_at, state, patch || '{"status":"blocked","blocked_type":"transient"}');
      when claim ->> 'ended_by' = 'verdict' and verdict ->> 'verdict' = 'pass' then
        state := muster.queue_event(p_final.id, 'verified', claim ->> 'agent', ended_at, state,
          patch || jsonb_build_object('status', 'done', 'done_at', ended_at, 'verified_at', ended_at));
      when claim ->> 'ended_by' = 'verdict' and verdict ->> 'verdict' = 'fail' then
        patch := patch || jsonb_build_object('attempt', (state ->> 'attempt')::integer + 1);
        if (patch ->> 'attempt')::integer >= p_final.max_attempts then
          state := muster.queue_event(p_final.id, 'quarantined', claim ->> 'agent', ended_at, state, patch || '{"status":"blocked","blocked_type":"quarantined"}');
        else
          state := muster.queue_event(p_final.id, 'rejected', claim ->> 'agent', ended_at, state, patch || '{"status":"ready"}');
        end if;
      when claim ->> 'kind' = 'review' then
        state := muster.queue_event(p_final.id, 'review_released', claim ->> 'agent', ended_at, state, patch);
      when claim ->> 'ended_by' = 'expired' then
        state := muster.queue_event(p_final.id, 'expired', 'muster', ended_at, state, patch || '{"status":"ready"}');
      when claim ->> 'ended_by' = 'fenced' then
        state := muster.queue_event(p_final.id, 'requeued', 'steward', ended_at, state, patch || '{"status":"ready"}');
      else
        state := muster.queue_event(p_final.id, 'released', claim ->> 'agent', ended_at, state, patch || '{"status":"ready"}');
    end case;
  end loop;
  return state;
end $$;

-- Refuses a task whose claims contradict each other or its status.
create function muster.assert_claims(p_task jsonb, p_claims jsonb, p_place text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  status constant text := p_task ->> 'status';
  open_kind text;
begin
  if exists (
    select from (select (c.value ->> 'epoch')::integer as epoch, row_number() over (order by (c.value ->> 'epoch')::integer) as place
      from jsonb_array_elements(p_claims) c) e where e.epoch <> e.place
  ) then
    perform muster.refuse_document(p_place, 'epochs of its claims must run 1, 2, 3 without a gap.');
  end if;
  if exists (select from jsonb_array_elements(p_claims) c
    where c.value -> 'ended_at' is null and (c.value ->> 'epoch')::integer < jsonb_array_length(p_claims)) then
    perform muster.refuse_document(p_place, 'only the last claim may be without ended_at.');
  end if;
  select coalesce(c.value ->> 'kind', 'work') into open_kind from jsonb_array_elements(p_claims) c where c.value -> 'ended_at' is null;
  if (status = 'in_progress') <> (open_kind is not distinct from 'work') or (open_kind = 'review' and status <> 'in_review') then
    perform muster.refuse_document(p_place, format('status %s does not fit its open claim (%s).', status, coalesce(open_kind, 'none')));
  end if;
  if exists (
    select from jsonb_array_elements(p_claims) r
    join jsonb_array_elements(p_claims) w on coalesce(w.value ->> 'kind', 'work') = 'work' and (w.value ->> 'epoch')::integer < (r.value ->> 'epoch')::integer
    left join public.os_agents ra on ra.name = r.value ->> 'agent'
    left join public.os_agents wa on wa.name = w.value ->> 'agent'
    where r.value ->> 'kind' = 'review' and (ra.id = wa.id or (
      coalesce(p_task ->> 'risk', 'low') <> 'low' and w.value ->> 'ended_by' = 'submitted'
      and (w.value ->> 'epoch')::integer = (r.value ->> 'epoch')::integer - 1
      and muster.is_family_shared(ra.model_family, wa.model_family)))
  ) then
    perform muster.refuse_document(p_place, 'a reviewer is an author, or, at risk medium or high, of the author''s model family.');
  end if;
end $$;
