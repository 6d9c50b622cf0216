-- claim_next, claim_many and advance on muster.hands: the limit is looked up once, and the hands are written once a call.

/*
 * The best ready tasks that the agent may take, locked, best first, at most p_count. Looks from p_from on, or from the queue's head. Rows
 * that others are claiming are skipped, never waited for. The caller holds the agent's row lock and has seen that its limit leaves p_count.
 * No plan but the indexes' own order: statistics lag behind a queue.
 */
drop function muster.pick_work(uuid, uuid, jsonb, integer, uuid, text, bigint, integer, uuid);
create function muster.pick_work(
  p_agent uuid, p_capabilities jsonb, p_project uuid, p_class text, p_from bigint, p_count integer,
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
        order by q.rank limit p_count) k;
  else
    select array_agg(k.id), max(k.rank), bool_or(k.number % 64 = 0) into tasks, last_rank, moves_head from (
      select q.rank, t.id, t.number from muster.queue q cross join lateral (
          select x.id, x.number from public.os_tasks x
            where x.id = q.task and x.status = 'ready' and x.attempt < x.max_attempts and x.required_capabilities <@ p_capabilities
              and (p_class is null or x.class = p_class) and (x.paths = '[]' or muster.reserved_paths(x.id, x.paths, p_agent) is null)
            for no key update skip locked) t
        where q.project = p_project and q.rank >= coalesce(p_from, 0)
        order by q.rank limit p_count) k;
  end if;
end $$;

-- Claims up to p_count of the best ready tasks. Returns {grants, reason}.
create or replace function muster.take_work(p_actor uuid, p_session text, p_options jsonb, p_count integer) returns jsonb
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
  grants jsonb := '[]';
  reason text := 'nothing_ready';
  start bigint;
  looked integer := 0;
  moves_head boolean := false;
begin
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
  select h.ctid as place, h.tasks into hands from muster.hands h where h.holder = p_actor order by h.n desc limit 1;
  select array_agg(l.task), count(*) filter (where l.kind = 'work' and l.expires_at > clock_timestamp()) into held, working
    from muster.leases l where l.task = any (hands.tasks) and l.holder = p_actor;
  loop
    if working >= agent.max_wip then
      reason := 'wip_limit';
      exit;
    end if;
    picked := muster.pick_work(agent.id, agent.capabilities, project, p_options ->> 'class', start,
      least(p_count - jsonb_array_length(grants), agent.max_wip - working));
    if picked.tasks is not null then
      if p_count = 1 then
        granted := muster.grant_work(p_actor, agent.id, agent.name, agent.model_family, p_session,
          (p_options ->> 'lease_seconds')::integer, picked.tasks[1]);
        working := working + case when granted is null then 0 else 1 end;
      else
        granted := nullif(muster.write_claims(p_actor, agent.id, agent.name, agent.model_family, p_session,
          (p_options ->> 'lease_seconds')::integer, picked.tasks, null, null) -> 'grants', 'null');
        working := working + coalesce(jsonb_array_length(granted), 0);
      end if;
      -- Of those that could not be granted there is no lease of this holder, so that naming them harms nothing.
      held := held || picked.tasks;
      grants := grants || coalesce(granted, '[]');
      moves_head := moves_head or picked.moves_head;
      exit when jsonb_array_length(grants) = p_count;
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
  if grants <> '[]' then
    update muster.hands h set n = h.n + 1, tasks = held where h.ctid = hands.place;
    if not found then
      insert into muster.hands (holder, n, tasks) values (p_actor, 1, held);
    end if;
  end if;
  -- Every 64th claim moves the head, so that it keeps up between ticks.
  if moves_head then
    perform muster.raise_queue_head();
  end if;
  return jsonb_build_object('grants', grants, 'reason', reason);
end $$;

revoke all on function muster.pick_work(uuid, jsonb, uuid, text, bigint, integer) from public;
