-- What an agent holds is found by key. It was counted by an index over its leases, in which each of its own that had ended stayed to be
-- visited while an old transaction pinned the horizon: a claim then cost as much as its agent had claimed before.

-- The newest row of a holder names every task whose lease may be its; what ended since has no lease any more. Each grant raises n, so that
-- the newest row is the last entry of its holder in the index, however many dead ones lie before it. Written under the agent's row lock.
create table muster.hands (
  holder uuid not null,
  n bigint not null,
  tasks uuid[] not null,
  constraint hands_pkey primary key (holder, n)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
insert into muster.hands (holder, n, tasks)
  select l.holder, 1, array_agg(l.task) from muster.leases l where l.holder is not null group by l.holder;
drop index muster.leases_holder_index;

-- Puts the tasks into the actor's hands. Leases that are its no longer are forgotten here, so that the list stays as long as its limit.
create function muster.take_in_hand(p_actor uuid, p_tasks uuid[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  newest muster.hands;
begin
  perform from public.os_agents a where a."user" = p_actor for no key update;
  select * into newest from muster.hands h where h.holder = p_actor order by h.n desc limit 1;
  update muster.hands h set n = h.n + 1,
      tasks = p_tasks || array(select l.task from muster.leases l where l.task = any (newest.tasks) and l.task <> all (p_tasks) and l.holder = p_actor)
    where h.holder = p_actor and h.n = newest.n;
  if not found then
    insert into muster.hands (holder, n, tasks) values (p_actor, 1, p_tasks);
  end if;
end $$;

-- How many other tasks the agent holds. The row lock orders one agent's claims: two at once cannot both find the last free place.
create or replace function muster.count_held(p_actor uuid, p_agent public.os_agents, p_kind text, p_task uuid) returns integer
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  held integer;
begin
  perform from public.os_agents a where a.id = p_agent.id for no key update;
  select count(*) into held from muster.leases l
    where l.task = any (array(select unnest(h.tasks) from (select x.tasks from muster.hands x where x.holder = p_actor order by x.n desc limit 1) h))
      and l.holder = p_actor and l.kind = p_kind and l.task is distinct from p_task and l.expires_at > clock_timestamp();
  return held;
end $$;

create or replace function muster.grant_claim(p_task public.os_tasks, p_kind text, p_session text, p_actor uuid, p_agent public.os_agents)
returns public.os_tasks
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks := p_task;
  granted_at constant timestamptz := clock_timestamp();
begin
  perform muster.end_claim(p_task.id, 'expired', 'expired');
  delete from muster.queue q where q.task = p_task.id;
  task.claim_epoch := p_task.claim_epoch + 1;
  task.claim_session := p_session;
  task.assigned_to := p_actor;
  task.claimed_at := granted_at;
  task.lease_expires_at := granted_at + make_interval(secs => task.lease_seconds);
  insert into muster.leases (task, kind, epoch, session, holder, agent, granted_at, heartbeat_at, expires_at, seconds)
    values (task.id, p_kind, task.claim_epoch, p_session, p_actor, p_agent.id, granted_at, granted_at, task.lease_expires_at, task.lease_seconds);
  insert into public.os_claims (task, attempt, epoch, kind, agent, holder, session, model_family, claimed_at)
    values (task.id, task.attempt + 1, task.claim_epoch, p_kind, p_agent.id, p_actor, p_session, p_agent.model_family, granted_at);
  perform muster.take_in_hand(p_actor, array[task.id]);
  return task;
end $$;

-- Seeded claims are in their holders' hands as well.
create or replace function muster.import_task(p_document jsonb, p_item jsonb, p_row jsonb, p_place text, p_now timestamptz) returns integer[]
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
    if lease.holder is not null then
      perform muster.take_in_hand(lease.holder, array[lease.task]);
    end if;
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

create or replace function muster.join_session(p_actor uuid, p_session text, p_info jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  me public.os_agents;
  made public.os_sessions;
begin
  if p_actor is null then
    perform muster.fail('MU401', 'MUSTER_NO_ACTOR', 'The call names no user. Send a token; every call needs an authenticated user.');
  end if;
  perform muster.assert_claim_options('{}', p_session);
  perform muster.assert_object('info', p_info, '{"client":"string","constitution_version":"string","constitution_hash":"string"}');
  me := muster.require_agent(p_actor);
  insert into public.os_sessions as s (agent, session, client, constitution_version, constitution_hash, user_created, started_at)
    values (me.id, p_session, p_info ->> 'client', p_info ->> 'constitution_version', p_info ->> 'constitution_hash', p_actor, clock_timestamp())
    on conflict (agent, session) do nothing returning * into made;
  if made.id is not null then
    perform muster.append_event('os_sessions', made.id, 1, 'created', p_actor, me.name, null, null, to_jsonb(made));
  else
    update public.os_sessions s set ended_at = null where s.agent = me.id and s.session = p_session and s.ended_at is not null;
  end if;
  return jsonb_build_object(
    'agent', jsonb_build_object('id', me.id, 'name', me.name, 'model_family', me.model_family, 'capabilities', me.capabilities, 'max_wip', me.max_wip),
    'session', p_session, 'incarnation', muster.incarnation(), 'server_now', clock_timestamp(),
    'claims', (select coalesce(jsonb_agg(jsonb_build_object('task', t.id, 'number', t.number, 'title', t.title, 'kind', l.kind, 'fence', l.epoch,
        'token', muster.incarnation() || '.' || l.epoch, 'session', l.session, 'lease_expires_at', l.expires_at) order by l.granted_at), '[]')
      from muster.leases l join public.os_tasks t on t.id = l.task
      where l.task = any (array(select unnest(h.tasks) from muster.hands h where h.holder = p_actor)) and l.holder = p_actor));
end $$;

revoke all on function muster.take_in_hand(uuid, uuid[]) from public;
