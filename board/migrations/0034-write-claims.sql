-- The plain claim and the plain submission, alone, many at once, or one after the other, in one statement. What is not plain (reviews,
-- raw PATCHes, stewards, refusals) is judged as before: what this path does not take, it hands over.

/*
 * The best ready tasks that the agent may take, locked, best first: as many as its limit leaves, at most p_count. Looks from p_from on,
 * or from the queue's head. p_ending: the task that ends in this very call. Rows that others are claiming are skipped, never waited for. The caller holds the agent's row lock.
 * No plan but the indexes' own order: statistics lag behind a queue.
 */
drop function muster.pick_work(public.os_agents, uuid, text, bigint);
drop function muster.try_task(uuid, public.os_agents, text);
create function muster.pick_work(
  p_actor uuid, p_agent uuid, p_capabilities jsonb, p_max_wip integer, p_project uuid, p_class text, p_from bigint, p_count integer, p_ending uuid,
  out tasks uuid[], out last_rank bigint, out moves_head boolean
)
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
begin
  if p_project is null then
    select array_agg(k.id), max(k.rank), bool_or(k.number % 64 = 0) into tasks, last_rank, moves_head from (
      select q.rank, t.id, t.number from muster.queue q cross join lateral (
          select x.id, x.number from public.os_tasks x
            where x.id = q.task and x.status = 'ready' and x.attempt < x.max_attempts and x.required_capabilities <@ p_capabilities
              and (p_class is null or x.class = p_class) and (x.paths = '[]' or muster.reserved_paths(x.id, x.paths, p_agent) is null)
            for no key update skip locked) t
        where q.rank >= coalesce(p_from, (select h.last_value from muster.queue_head h))
        order by q.rank limit least(p_count, greatest(0, p_max_wip - (
          select count(*) from muster.leases l
            where l.holder = p_actor and l.kind = 'work' and l.task is distinct from p_ending and l.expires_at > clock_timestamp())))) k;
  else
    select array_agg(k.id), max(k.rank), bool_or(k.number % 64 = 0) into tasks, last_rank, moves_head from (
      select q.rank, t.id, t.number from muster.queue q cross join lateral (
          select x.id, x.number from public.os_tasks x
            where x.id = q.task and x.status = 'ready' and x.attempt < x.max_attempts and x.required_capabilities <@ p_capabilities
              and (p_class is null or x.class = p_class) and (x.paths = '[]' or muster.reserved_paths(x.id, x.paths, p_agent) is null)
            for no key update skip locked) t
        where q.project = p_project and q.rank >= coalesce(p_from, 0)
        order by q.rank limit least(p_count, greatest(0, p_max_wip - (
          select count(*) from muster.leases l
            where l.holder = p_actor and l.kind = 'work' and l.task is distinct from p_ending and l.expires_at > clock_timestamp())))) k;
  end if;
end $$;

-- Whether a dependency holds its task back.
create function muster.is_open(p_task uuid) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  return (select t.status <> 'done' from public.os_tasks t where t.id = p_task);
end $$;

/*
 * Grants p_granted and submits p_ending, as p_finished says ([{task, fence, commit, artifact, closing_note, tokens_in, tokens_out,
 * cost_usd}]): tasks, claims, leases, queue and trail in one statement, reservations in a second. Each table is entered by the keys of the
 * arrays, by no join and by no "exists" (which may be answered from a hash of the whole table): a plan made for an empty board must hold
 * for a full one. The caller has locked every task and has seen under that
 * lock that the granted are ready and the finished are held; what others may have changed until then (dependencies) is seen here, by a
 * later snapshot. Returns {submitted: [STATE], grants: [GRANT]}; a task that cannot be granted is left out.
 */
create function muster.write_claims(
  p_actor uuid, p_agent uuid, p_name text, p_family text, p_session text, p_seconds integer, p_granted uuid[], p_ending uuid[], p_finished jsonb
) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off as $$
declare
  now_at constant timestamptz := clock_timestamp();
  answer jsonb;
  moved_count integer;
  submitted_count integer;
  logged_count integer;
  has_past boolean;
  has_reservation boolean;
begin
  with finished as materialized (
    select i.task, i.fence, i.commit, i.artifact, i.closing_note, i.tokens_in, i.tokens_out, i.cost_usd
      from jsonb_to_recordset(p_finished) i (
        task uuid, fence integer, commit text, artifact text, closing_note text, tokens_in integer, tokens_out integer, cost_usd numeric)
  ), moved as (
    update public.os_tasks t set
        status = case when w.is_grant then 'in_progress' else 'in_review' end,
        assigned_to = w.holder,
        claim_session = w.session,
        claimed_at = w.granted_at,
        lease_seconds = coalesce(w.seconds, t.lease_seconds),
        lease_expires_at = w.granted_at + make_interval(secs => coalesce(w.seconds, t.lease_seconds)),
        claim_epoch = t.claim_epoch + w.step,
        submitted_commit = w.commit,
        submitted_artifact = w.artifact,
        submitted_at = w.finished_at,
        submitted_by = w.author,
        closing_note = coalesce(w.closing_note, t.closing_note),
        version = t.version + 1,
        user_updated = p_actor,
        date_updated = now_at
      from (
        select g.task, true as is_grant, 1 as step, p_actor as holder, p_session as session, p_seconds as seconds, now_at as granted_at,
            null::integer as fence, null::text as commit, null::text as artifact, null::text as closing_note,
            null::timestamptz as finished_at, null::uuid as author from unnest(p_granted) g (task)
        union all
        select f.task, false, 0, null, null, null, null, f.fence, f.commit, f.artifact, f.closing_note, now_at, p_actor from finished f
      ) w
      where t.id = any (p_granted || p_ending) and t.id = w.task and case when w.is_grant
        then (select true from public.os_task_dependencies e where e.task = t.id and muster.is_open(e.depends_on) limit 1) is null
          and (select true from muster.leases l where l.task = t.id limit 1) is null
          and (select true from public.os_claims c where c.task = t.id and c.ended_at is null limit 1) is null
        else t.claim_epoch = w.fence end
      returning w.is_grant, new.*, array_remove(array[
          case when old.assigned_to is not distinct from new.assigned_to then 'assigned_to' end,
          case when old.claim_session is not distinct from new.claim_session then 'claim_session' end,
          case when old.claimed_at is not distinct from new.claimed_at then 'claimed_at' end,
          case when old.lease_expires_at is not distinct from new.lease_expires_at then 'lease_expires_at' end,
          case when old.lease_seconds = new.lease_seconds then 'lease_seconds' end,
          case when old.claim_epoch = new.claim_epoch then 'claim_epoch' end,
          case when old.submitted_commit is not distinct from new.submitted_commit then 'submitted_commit' end,
          case when old.submitted_artifact is not distinct from new.submitted_artifact then 'submitted_artifact' end,
          case when old.submitted_at is not distinct from new.submitted_at then 'submitted_at' end,
          case when old.submitted_by is not distinct from new.submitted_by then 'submitted_by' end,
          case when old.closing_note is not distinct from new.closing_note then 'closing_note' end,
          case when old.user_updated is not distinct from new.user_updated then 'user_updated' end], null) as unchanged,
        jsonb_build_object(
          'status', old.status, 'assigned_to', old.assigned_to, 'claim_session', old.claim_session, 'claimed_at', old.claimed_at,
          'lease_seconds', old.lease_seconds, 'lease_expires_at', old.lease_expires_at, 'claim_epoch', old.claim_epoch,
          'submitted_commit', old.submitted_commit, 'submitted_artifact', old.submitted_artifact, 'submitted_at', old.submitted_at,
          'submitted_by', old.submitted_by, 'closing_note', old.closing_note, 'version', old.version,
          'user_updated', old.user_updated, 'date_updated', old.date_updated) as before,
        jsonb_build_object(
          'status', new.status, 'assigned_to', new.assigned_to, 'claim_session', new.claim_session, 'claimed_at', new.claimed_at,
          'lease_seconds', new.lease_seconds, 'lease_expires_at', new.lease_expires_at, 'claim_epoch', new.claim_epoch,
          'submitted_commit', new.submitted_commit, 'submitted_artifact', new.submitted_artifact, 'submitted_at', new.submitted_at,
          'submitted_by', new.submitted_by, 'closing_note', new.closing_note, 'version', new.version,
          'user_updated', new.user_updated, 'date_updated', new.date_updated) as after
  ), ended as (
    update public.os_claims c set ended_at = now_at, ended_by = 'submitted', outcome = null,
        (tokens_in, tokens_out, cost_usd) = (
          select coalesce(c.tokens_in + f.tokens_in, f.tokens_in, c.tokens_in), coalesce(c.tokens_out + f.tokens_out, f.tokens_out, c.tokens_out),
              coalesce(c.cost_usd + f.cost_usd, f.cost_usd, c.cost_usd)
            from finished f where f.task = c.task)
      where c.task = any (p_ending) and c.ended_at is null
  ), freed as (
    delete from muster.leases l where l.task = any (p_ending)
  ), taken as (
    delete from muster.queue q where q.task = any (p_granted) and q.task in (select m.id from moved m where m.is_grant)
  ), claimed as (
    insert into public.os_claims (task, attempt, epoch, kind, agent, holder, session, model_family, claimed_at)
      select m.id, m.attempt + 1, m.claim_epoch, 'work', p_agent, p_actor, p_session, p_family, now_at from moved m where m.is_grant
  ), leased as (
    insert into muster.leases (task, kind, epoch, session, holder, agent, granted_at, heartbeat_at, expires_at, seconds)
      select m.id, 'work', m.claim_epoch, p_session, p_actor, p_agent, now_at, now_at, m.lease_expires_at, m.lease_seconds
        from moved m where m.is_grant
  ), logged as (
    -- The link is muster.event_hash(prev_hash, muster.event_payload(event)), written out: two calls for each event cost as much as its row.
    insert into public.os_events (entity, entity_id, version, kind, actor, actor_name, epoch, before, after, prev_hash, hash, at, origin)
      select 'os_tasks', d.id, d.version, d.kind, p_actor, p_name, d.claim_epoch, d.before, d.after, e.hash,
          encode(sha256(convert_to('muster-event/1' || chr(10) || coalesce(e.hash, '') || chr(10) || jsonb_build_object(
            'entity', 'os_tasks', 'entity_id', d.id, 'version', d.version, 'kind', d.kind, 'actor', p_actor, 'actor_name', p_name,
            'epoch', d.claim_epoch, 'before', d.before, 'after', d.after, 'at', (now_at at time zone 'UTC')::text, 'origin', 'live')::text,
            'UTF8')), 'hex'),
          now_at, 'live'
        from (
          select m.id, m.version, m.claim_epoch, m.before - m.unchanged as before, m.after - m.unchanged as after,
            case when m.is_grant then 'claimed' else 'submitted' end as kind from moved m offset 0) d
        cross join lateral (
          select x.version, x.hash from public.os_events x where x.entity = 'os_tasks' and x.entity_id = d.id order by x.version desc limit 1) e
        where e.version = d.version - 1
      returning 1
  )
  select count(*), count(*) filter (where not m.is_grant), (select count(*) from logged),
      bool_or(m.is_grant and (m.attempt > 0 or m.phase is not null or (select true from public.os_notes n where n.task = m.id limit 1))),
      bool_or(not m.is_grant and (select true from public.os_reservations r where r.task = m.id and r.released_at is null limit 1)),
      jsonb_build_object(
        'submitted', jsonb_agg(jsonb_build_object('id', m.id, 'number', m.number, 'ref', '#' || m.number, 'status', m.status,
          'version', m.version, 'claim_epoch', m.claim_epoch)) filter (where not m.is_grant),
        'grants', jsonb_agg(jsonb_build_object('claimed', true, 'kind', 'work', 'fence', m.claim_epoch,
          'token', coalesce((select i.incarnation from muster.instance i), 1) || '.' || m.claim_epoch,
          'session', m.claim_session, 'lease_expires_at', m.lease_expires_at, 'lease_seconds', m.lease_seconds,
          'previous', '[]'::jsonb, 'handoff', '[]'::jsonb,
          'task', jsonb_build_object('id', m.id, 'number', m.number, 'ref', '#' || m.number, 'status', m.status,
            'version', m.version, 'claim_epoch', m.claim_epoch,
            'project', (select p.key from public.os_projects p where p.id = m.project), 'phase', null,
            'title', m.title, 'description', m.description, 'class', m.class, 'priority', m.priority, 'risk', m.risk,
            'acceptance', m.acceptance, 'required_capabilities', m.required_capabilities, 'paths', m.paths,
            'labels', m.labels, 'attempt', m.attempt, 'max_attempts', m.max_attempts, 'lease_seconds', m.lease_seconds,
            'submitted_commit', m.submitted_commit, 'submitted_artifact', m.submitted_artifact,
            'blocked_type', m.blocked_type, 'blocked_reason', m.blocked_reason, 'blocked_owner', m.blocked_owner,
            'blocked_action', m.blocked_action, 'blocked_until', m.blocked_until, 'closing_note', m.closing_note))) filter (where m.is_grant))
    into moved_count, submitted_count, logged_count, has_past, has_reservation, answer
    from moved m;
  if submitted_count <> coalesce(cardinality(p_ending), 0) then
    raise exception 'a task that was locked as held is not: % to submit, % submitted', cardinality(p_ending), submitted_count;
  end if;
  if logged_count <> moved_count then
    raise exception 'the trail of a task would get a gap: % moved, % logged', moved_count, logged_count;
  end if;
  if has_reservation then
    update public.os_reservations r set released_at = now_at
      where r.task = any (p_ending) and r.released_at is null;
  end if;
  -- Phase, failed verdicts and handoffs: few tasks have them.
  if has_past then
    answer := jsonb_set(answer, '{grants}', (
      select jsonb_agg(muster.grant_answer(t) order by g.ordinal)
        from jsonb_array_elements(answer -> 'grants') with ordinality g (value, ordinal)
        join public.os_tasks t on t.id = (g.value #>> '{task,id}')::uuid));
  end if;
  return answer;
end $$;
