-- Batches write what they change and nothing twice: the event of a task was built from fifteen columns of which nine had changed, and once
-- more as the text that is hashed.

-- The event that began the lease. Where it is the task's last one, whoever ends the lease links to it without a look at the trail.
alter table muster.leases add column version integer, add column hash text;

/*
 * Grants the tasks: rows, claims, leases, queue and trail in one statement. Each table is entered by the keys of the array, by no join and by
 * no "exists" (which may be answered from a hash of the whole table): a plan made for an empty board must hold for a full one. The caller has
 * locked every task and has seen under that lock that it is ready; what others may have changed until then (dependencies) is seen here, by a
 * later snapshot. Returns [GRANT], or null; a task that cannot be granted is left out.
 */
create function muster.grant_many(
  p_actor uuid, p_agent uuid, p_name text, p_family text, p_session text, p_seconds integer, p_tasks uuid[]
) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off as $$
declare
  now_at constant timestamptz := clock_timestamp();
  grants jsonb;
  moved_count integer;
  logged_count integer;
  has_past boolean;
begin
  with moved as (
    update public.os_tasks t set
        status = 'in_progress', assigned_to = p_actor, claim_session = p_session, claimed_at = now_at,
        lease_seconds = coalesce(p_seconds, t.lease_seconds),
        lease_expires_at = now_at + make_interval(secs => coalesce(p_seconds, t.lease_seconds)), claim_epoch = t.claim_epoch + 1,
        submitted_commit = null, submitted_artifact = null, submitted_at = null, submitted_by = null,
        version = t.version + 1, user_updated = p_actor, date_updated = now_at
      where t.id = any (p_tasks)
        and (select true from public.os_task_dependencies e where e.task = t.id and muster.is_open(e.depends_on) limit 1) is null
        and (select true from muster.leases l where l.task = t.id limit 1) is null
        and (select true from public.os_claims c where c.task = t.id and c.ended_at is null limit 1) is null
      returning new.id, new.attempt, new.version, new.claim_epoch, new.lease_seconds, new.lease_expires_at,
        new.attempt > 0 or new.phase is not null or (select true from public.os_notes n where n.task = new.id limit 1) as has_past,
        num_nonnulls(old.submitted_commit, old.submitted_artifact, old.submitted_at, old.submitted_by, old.assigned_to, old.claim_session,
          old.claimed_at, old.lease_expires_at) > 0 or old.lease_seconds <> new.lease_seconds or old.user_updated is not distinct from p_actor
          as is_odd,
        old.lease_seconds as old_seconds, old.submitted_commit as old_commit, old.submitted_artifact as old_artifact,
        old.submitted_at as old_submitted_at, old.submitted_by as old_author,
        jsonb_build_object('status', old.status, 'version', old.version, 'claimed_at', old.claimed_at, 'assigned_to', old.assigned_to,
          'claim_epoch', old.claim_epoch, 'date_updated', old.date_updated, 'user_updated', old.user_updated,
          'claim_session', old.claim_session, 'lease_expires_at', old.lease_expires_at) as before,
        jsonb_build_object('status', new.status, 'version', new.version, 'claimed_at', now_at, 'assigned_to', p_actor,
          'claim_epoch', new.claim_epoch, 'date_updated', now_at, 'user_updated', p_actor,
          'claim_session', p_session, 'lease_expires_at', new.lease_expires_at) as after,
        jsonb_build_object('claimed', true, 'kind', 'work', 'fence', new.claim_epoch,
          'token', coalesce((select i.incarnation from muster.instance i), 1) || '.' || new.claim_epoch,
          'session', p_session, 'lease_expires_at', new.lease_expires_at, 'lease_seconds', new.lease_seconds,
          'previous', '[]'::jsonb, 'handoff', '[]'::jsonb,
          'task', jsonb_build_object('id', new.id, 'number', new.number, 'ref', '#' || new.number, 'status', new.status,
            'version', new.version, 'claim_epoch', new.claim_epoch,
            'project', (select p.key from public.os_projects p where p.id = new.project), 'phase', null,
            'title', new.title, 'description', new.description, 'class', new.class, 'priority', new.priority, 'risk', new.risk,
            'acceptance', new.acceptance, 'required_capabilities', new.required_capabilities, 'paths', new.paths,
            'labels', new.labels, 'attempt', new.attempt, 'max_attempts', new.max_attempts, 'lease_seconds', new.lease_seconds,
            'submitted_commit', null, 'submitted_artifact', null,
            'blocked_type', new.blocked_type, 'blocked_reason', new.blocked_reason, 'blocked_owner', new.blocked_owner,
            'blocked_action', new.blocked_action, 'blocked_until', new.blocked_until, 'closing_note', new.closing_note)) as answer
  ), told as (
    select m.id, m.attempt, m.version, m.claim_epoch, m.lease_seconds, m.lease_expires_at,
      case when m.is_odd then muster.changed_fields(m.all_after, m.all_before) else m.before end as before,
      case when m.is_odd then muster.changed_fields(m.all_before, m.all_after) else m.after end as after
    from (
      select x.*,
        case when x.is_odd then x.before || jsonb_build_object('lease_seconds', x.old_seconds, 'submitted_commit', x.old_commit,
          'submitted_artifact', x.old_artifact, 'submitted_at', x.old_submitted_at, 'submitted_by', x.old_author) end as all_before,
        case when x.is_odd then x.after || jsonb_build_object('lease_seconds', x.lease_seconds, 'submitted_commit', null,
          'submitted_artifact', null, 'submitted_at', null, 'submitted_by', null) end as all_after
      from moved x offset 0) m
  ), linked as (
    select d.*, e.hash as previous,
      -- The link is muster.event_hash(prev_hash, muster.event_payload(event)), written out as in muster.log_claim.
      encode(sha256(convert_to(format(
        E'muster-event/1\n%s\n{"at": "%s", "kind": "claimed", "actor": "%s", "after": %s, "epoch": %s, "before": %s, "entity": "os_tasks", '
          '"origin": "live", "version": %s, "entity_id": "%s", "actor_name": %s}',
        e.hash, now_at at time zone 'UTC', p_actor, d.after, d.claim_epoch, d.before, d.version, d.id, to_json(p_name)), 'UTF8')), 'hex') as link
    from told d cross join lateral (
      select x.hash from public.os_events x where x.entity = 'os_tasks' and x.entity_id = d.id and x.version = d.version - 1 offset 0) e
  ), taken as (
    delete from muster.queue q where q.task = any (p_tasks) and q.task in (select m.id from moved m)
  ), claimed as (
    insert into public.os_claims (task, attempt, epoch, kind, agent, holder, session, model_family, claimed_at)
      select m.id, m.attempt + 1, m.claim_epoch, 'work', p_agent, p_actor, p_session, p_family, now_at from moved m
  ), leased as (
    insert into muster.leases (task, kind, epoch, session, holder, agent, granted_at, heartbeat_at, expires_at, seconds, version, hash)
      select k.id, 'work', k.claim_epoch, p_session, p_actor, p_agent, now_at, now_at, k.lease_expires_at, k.lease_seconds, k.version, k.link
        from linked k
  ), logged as (
    insert into public.os_events (entity, entity_id, version, kind, actor, actor_name, epoch, before, after, prev_hash, hash, at, origin)
      select 'os_tasks', k.id, k.version, 'claimed', p_actor, p_name, k.claim_epoch, k.before, k.after, k.previous, k.link, now_at, 'live'
        from linked k
      returning 1
  )
  select count(*), (select count(*) from logged), bool_or(m.has_past), jsonb_agg(m.answer)
    into moved_count, logged_count, has_past, grants from moved m;
  if logged_count <> moved_count then
    raise exception 'the trail of a task would get a gap: % granted, % logged', moved_count, logged_count;
  end if;
  -- Phase, failed verdicts and handoffs: few tasks have them.
  if has_past then
    grants := (
      select jsonb_agg(muster.grant_answer(t) order by g.ordinal)
        from jsonb_array_elements(grants) with ordinality g (value, ordinal)
        join public.os_tasks t on t.id = (g.value #>> '{task,id}')::uuid);
  end if;
  return grants;
end $$;

/*
 * Submits the tasks as p_finished says ({ID: {fence, commit, artifact, closing_note, tokens_in, tokens_out, cost_usd}}; of other tasks it may
 * say anything): rows, claims, leases and trail in one statement, usage and reservations, where there are any, in their own. The caller has
 * locked every task and has seen under that lock that the actor holds it. Returns [STATE].
 */
create function muster.submit_many(p_actor uuid, p_name text, p_tasks uuid[], p_finished jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off as $$
declare
  now_at constant timestamptz := clock_timestamp();
  states jsonb;
  moved_count integer;
  logged_count integer;
  has_reservation boolean;
begin
  if jsonb_path_exists(p_finished, '$.* ? (exists(@.tokens_in) || exists(@.tokens_out) || exists(@.cost_usd))') then
    update public.os_claims c set (tokens_in, tokens_out, cost_usd) = (
        select coalesce(c.tokens_in + f.tokens_in, f.tokens_in, c.tokens_in), coalesce(c.tokens_out + f.tokens_out, f.tokens_out, c.tokens_out),
            coalesce(c.cost_usd + f.cost_usd, f.cost_usd, c.cost_usd)
          from jsonb_to_record(p_finished -> c.task::text) f (tokens_in integer, tokens_out integer, cost_usd numeric))
      where c.task = any (p_tasks) and c.ended_at is null;
  end if;
  with moved as (
    update public.os_tasks t set
        status = 'in_review', assigned_to = null, claim_session = null, claimed_at = null, lease_expires_at = null,
        submitted_commit = p_finished #>> array[t.id::text, 'commit'], submitted_artifact = p_finished #>> array[t.id::text, 'artifact'],
        submitted_at = now_at, submitted_by = p_actor,
        closing_note = coalesce(p_finished #>> array[t.id::text, 'closing_note'], t.closing_note), version = t.version + 1,
        user_updated = p_actor, date_updated = now_at
      where t.id = any (p_tasks) and t.claim_epoch = (p_finished #>> array[t.id::text, 'fence'])::integer
      returning new.id, new.number, new.version, new.claim_epoch,
        (select true from public.os_reservations r where r.task = new.id and r.released_at is null limit 1) as has_reservation,
        -- Where the event that began the lease is the task's last one, the lease has its hash.
        coalesce((select l.hash from muster.leases l where l.task = new.id and l.version = old.version),
          (select x.hash from public.os_events x where x.entity = 'os_tasks' and x.entity_id = new.id and x.version = old.version)) as previous,
        num_nonnulls(old.submitted_commit, old.submitted_artifact, old.submitted_at, old.submitted_by) > 0 or new.submitted_commit is null
          or new.submitted_artifact is not null or new.closing_note is distinct from old.closing_note or old.user_updated is distinct from p_actor
          as is_odd,
        old.submitted_commit as old_commit, old.submitted_artifact as old_artifact, new.submitted_artifact as new_artifact,
        old.submitted_at as old_submitted_at, old.submitted_by as old_author, old.closing_note as old_note, new.closing_note as new_note,
        old.user_updated as old_user,
        jsonb_build_object('status', old.status, 'version', old.version, 'claimed_at', old.claimed_at, 'assigned_to', old.assigned_to,
          'date_updated', old.date_updated, 'submitted_at', null, 'submitted_by', null, 'claim_session', old.claim_session,
          'lease_expires_at', old.lease_expires_at, 'submitted_commit', null) as before,
        jsonb_build_object('status', new.status, 'version', new.version, 'claimed_at', null, 'assigned_to', null, 'date_updated', now_at,
          'submitted_at', now_at, 'submitted_by', p_actor, 'claim_session', null, 'lease_expires_at', null,
          'submitted_commit', new.submitted_commit) as after
  ), told as (
    select m.id, m.version, m.claim_epoch, m.previous,
      case when m.is_odd then muster.changed_fields(m.all_after, m.all_before) else m.before end as before,
      case when m.is_odd then muster.changed_fields(m.all_before, m.all_after) else m.after end as after
    from (
      select x.*,
        case when x.is_odd then x.before || jsonb_build_object('submitted_commit', x.old_commit, 'submitted_artifact', x.old_artifact,
          'submitted_at', x.old_submitted_at, 'submitted_by', x.old_author, 'closing_note', x.old_note, 'user_updated', x.old_user) end as all_before,
        case when x.is_odd then x.after || jsonb_build_object('submitted_artifact', x.new_artifact, 'closing_note', x.new_note,
          'user_updated', p_actor) end as all_after
      from moved x where x.previous is not null offset 0) m
  ), ended as (
    update public.os_claims c set ended_at = now_at, ended_by = 'submitted', outcome = null
      where c.task = any (p_tasks) and c.ended_at is null
  ), freed as (
    delete from muster.leases l where l.task = any (p_tasks)
  ), logged as (
    -- The link is muster.event_hash(prev_hash, muster.event_payload(event)), written out as in muster.log_claim.
    insert into public.os_events (entity, entity_id, version, kind, actor, actor_name, epoch, before, after, prev_hash, hash, at, origin)
      select 'os_tasks', d.id, d.version, 'submitted', p_actor, p_name, d.claim_epoch, d.before, d.after, d.previous,
          encode(sha256(convert_to(format(
            E'muster-event/1\n%s\n{"at": "%s", "kind": "submitted", "actor": "%s", "after": %s, "epoch": %s, "before": %s, "entity": "os_tasks", '
              '"origin": "live", "version": %s, "entity_id": "%s", "actor_name": %s}',
            d.previous, now_at at time zone 'UTC', p_actor, d.after, d.claim_epoch, d.before, d.version, d.id, to_json(p_name)), 'UTF8')), 'hex'),
          now_at, 'live'
        from told d
      returning 1
  )
  select count(*), (select count(*) from logged), bool_or(m.has_reservation),
      jsonb_agg(jsonb_build_object('id', m.id, 'number', m.number, 'ref', '#' || m.number, 'status', 'in_review',
        'version', m.version, 'claim_epoch', m.claim_epoch))
    into moved_count, logged_count, has_reservation, states from moved m;
  if moved_count <> cardinality(p_tasks) then
    raise exception 'a task that was locked as held is not: % to submit, % submitted', cardinality(p_tasks), moved_count;
  end if;
  if logged_count <> moved_count then
    raise exception 'the trail of a task would get a gap: % submitted, % logged', moved_count, logged_count;
  end if;
  if has_reservation then
    update public.os_reservations r set released_at = now_at where r.task = any (p_tasks) and r.released_at is null;
  end if;
  return states;
end $$;

-- Claims up to p_count of the best ready tasks. grants: a list of them, or the grant itself where one was asked for; null when there was none,
-- and then the reason says why.
drop function muster.take_work(uuid, text, jsonb, integer);
create function muster.take_work(p_actor uuid, p_session text, p_options jsonb, p_count integer, out grants jsonb, out reason text)
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  agent record;
  project uuid;
  hands record;
  held uuid[];
  working integer;
  picked record;
  granted jsonb;
  missing integer := p_count;
  start bigint;
  looked integer := 0;
  moves_head boolean := false;
begin
  reason := 'nothing_ready';
  -- The row lock orders one agent's claims: two at once cannot both find the last free place.
  select a.id, a.name, a.status, a.model_family, a.capabilities, a.max_wip, exists (
      select from public.directus_users u join muster.config s on s.name = 'steward_roles'
        where u.id = p_actor and u.status = 'active' and s.value ? u.role::text) as is_steward
    into agent from public.os_agents a where a."user" = p_actor for no key update of a;
  if agent.id is null or agent.is_steward or agent.status <> 'active' then
    perform muster.assert_claimant(p_actor);
  end if;
  if p_options ->> 'project' is not null then
    project := muster.find_project(p_options ->> 'project');
  end if;
  select h.ctid as place, h.tasks, cardinality(h.tasks) as named into hands from muster.hands h where h.holder = p_actor order by h.n desc limit 1;
  held := hands.tasks;
  working := coalesce(hands.named, 0);
  -- An agent holds at most what its hands name. Only where that might be too much, or the list grows long, are the leases themselves asked.
  if p_count > 1 or working >= least(agent.max_wip, 8) then
    select array_agg(l.task), count(*) filter (where l.kind = 'work' and l.expires_at > clock_timestamp()) into held, working
      from muster.leases l where l.task = any (hands.tasks) and l.holder = p_actor;
  end if;
  loop
    if working >= agent.max_wip then
      reason := 'wip_limit';
      exit;
    end if;
    picked := muster.pick_work(agent.id, agent.capabilities, project, p_options ->> 'class', start, least(missing, agent.max_wip - working));
    if picked.tasks is not null then
      if p_count = 1 then
        granted := muster.grant_work(p_actor, agent.id, agent.name, agent.model_family, p_session,
          (p_options ->> 'lease_seconds')::integer, picked.tasks[1]);
        if granted is not null then
          grants := granted;
          missing := 0;
        end if;
      else
        granted := muster.grant_many(p_actor, agent.id, agent.name, agent.model_family, p_session,
          (p_options ->> 'lease_seconds')::integer, picked.tasks);
        grants := coalesce(grants || granted, grants, granted);
        working := working + coalesce(jsonb_array_length(granted), 0);
        missing := p_count - coalesce(jsonb_array_length(grants), 0);
      end if;
      -- Of those that could not be granted there is no lease of this holder, so that naming them harms nothing.
      held := held || picked.tasks;
      moves_head := moves_head or picked.moves_head;
      exit when missing = 0;
      start := picked.last_rank + 1;
    elsif looked = 0 then
      -- Past the head there was nothing: look at all of it.
      looked := 1;
      start := 0;
    elsif looked = 1 and muster.is_pulse_steady() and muster.expire(8) > 0 then
      -- Work whose holder is gone, in case no tick has come by. After an outage only a tick decides, as it grants grace first.
      looked := 2;
      start := 0;
    else
      exit;
    end if;
  end loop;
  -- By its place: under the agent's lock nobody else moves the row.
  if grants is not null then
    update muster.hands h set n = h.n + 1, tasks = held where h.ctid = hands.place;
    if not found then
      insert into muster.hands (holder, n, tasks) values (p_actor, 1, held);
    end if;
  end if;
  -- Every 64th claim moves the head, so that it keeps up between ticks.
  if moves_head then
    perform muster.raise_queue_head();
  end if;
end $$;

create or replace function muster.take_next(p_actor uuid, p_session text, p_options jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  taken record;
begin
  if p_options ->> 'kind' = 'review' then
    return muster.take_review(p_actor, p_session, p_options);
  end if;
  taken := muster.take_work(p_actor, p_session, p_options, 1);
  if taken.grants is null then
    return muster.nothing_answer(taken.reason);
  end if;
  return taken.grants;
end $$;

create or replace function muster.claim_many(p_actor uuid, p_session text, p_count integer, p_options jsonb default '{}', p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  arguments constant jsonb := jsonb_build_object('session', p_session, 'count', p_count, 'options', p_options);
  answer jsonb := muster.find_operation(p_op, p_actor, 'claim_many', arguments);
  taken record;
  grants jsonb := '[]';
  reason text;
begin
  if answer is not null then
    return answer;
  end if;
  perform muster.assert_claim_options(p_options, p_session);
  if p_count is null or p_count not between 1 and 100 then
    perform muster.refuse_value('count must be 1 to 100.');
  end if;
  if p_options ->> 'kind' = 'review' then
    for i in 1 .. p_count loop
      answer := muster.take_review(p_actor, p_session, p_options);
      reason := answer ->> 'reason';
      exit when reason is not null;
      grants := grants || answer;
    end loop;
  else
    taken := muster.take_work(p_actor, p_session, p_options, p_count);
    if taken.grants is not null then
      grants := case when p_count = 1 then jsonb_build_array(taken.grants) else taken.grants end;
    end if;
    reason := case when jsonb_array_length(grants) < p_count then taken.reason end;
  end if;
  answer := jsonb_build_object('claimed', jsonb_array_length(grants), 'grants', grants)
    || case when reason is null then '{}' else jsonb_build_object('reason', reason) end;
  if jsonb_array_length(grants) = 0 then
    return answer;
  end if;
  return muster.record_operation(p_op, p_actor, 'claim_many', arguments, answer);
end $$;

create or replace function muster.complete_many(p_actor uuid, p_items jsonb, p_op uuid default null) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  arguments constant jsonb := jsonb_build_object('items', p_items);
  answer jsonb := muster.find_operation(p_op, p_actor, 'complete_many', arguments);
  ids uuid[];
  fences integer[];
  items jsonb;
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
  select array_agg(x.id order by x.id), array_agg(x.fence order by x.id), jsonb_object_agg(x.id, x.item) filter (where x.id is not null)
    into ids, fences, items from (
    select muster.task_id(i.value ->> 'task') as id, i.value as item,
        case when jsonb_typeof(i.value -> 'fence') = 'number' and i.value ->> 'fence' ~ '^[0-9]{1,9}$'
          and muster.is_plain_result(i.value - array['task', 'fence']) then (i.value ->> 'fence')::integer end as fence
      from jsonb_array_elements(p_items) i) x;
  -- One task named twice is submitted once and refused once: that is judged one after the other.
  if (select count(distinct x.id) = count(*) from unnest(ids) x (id)) then
    held := muster.lock_held(p_actor, ids, fences);
    plain := coalesce(held.tasks, plain);
    if cardinality(plain) > 0 then
      applied := muster.submit_many(p_actor, held.name, plain, items);
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

drop function muster.write_claims(uuid, uuid, text, text, text, integer, uuid[], uuid[], jsonb);
revoke all on function muster.grant_many(uuid, uuid, text, text, text, integer, uuid[]), muster.submit_many(uuid, text, uuid[], jsonb),
  muster.take_work(uuid, text, jsonb, integer) from public;
