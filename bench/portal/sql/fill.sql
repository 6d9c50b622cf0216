-- A board of many tasks, put in place without the law's triggers: only what is measured afterwards goes through them.
create schema muster_bench;
create function muster_bench.fill(p_tasks integer, out actor uuid, out steward uuid) language plpgsql as $$
declare
  stewards constant uuid := gen_random_uuid();
  bench uuid;
  store uuid;
begin
  actor := gen_random_uuid();
  steward := gen_random_uuid();
  perform muster.ensure_instance(gen_random_uuid());
  set local session_replication_role = replica;
  insert into public.directus_roles (id, name) values (stewards, 'steward');
  insert into public.directus_users (id, role, status) values (actor, null, 'active'), (steward, stewards, 'active');
  perform muster.set_config('steward_roles', jsonb_build_array(stewards));
  insert into public.os_projects (key, name) values ('bench', 'Bench') returning id into bench;
  insert into public.os_phases (project, key, name, status) select bench, 'P' || n, 'Phase ' || n, 'active' from generate_series(0, 5) n;
  insert into public.os_repositories (key, name) values ('bench', 'Bench') returning id into store;
  insert into public.os_releases (repository, project, version, name, status, commit_sha, released_at)
    values (store, bench, '1.0.0', 'First', 'released', md5('1.0.0'), now());
  insert into public.os_agents (name, title, model_family, max_wip, "user") values ('bench-01', 'Measures', 'claude', 100, actor);
  insert into public.os_agents (name, title, model_family) select 'idle-' || n, 'Idle', 'gpt' from generate_series(1, 20) n;
  insert into public.os_tasks (number, project, phase, title, class, status, priority, risk, acceptance, done_at, submitted_at, date_created, date_updated)
    select n, bench, h.id, 'Make part ' || n || ' of the ' || (array['engine','hull','mast','rudder','galley','hold'])[1 + n % 6] || ' hold under load',
      (array['feature','bug','chore','docs'])[1 + n % 4], s.status, 'P' || (n % 4), (array['low','medium','high'])[1 + n % 3],
      '[{"id":"a1","text":"It holds."}]', case when s.status = 'done' then now() - n * interval '1 second' end,
      case when s.status in ('done', 'in_review') then now() - n * interval '1 second' end, now() - n * interval '2 seconds',
      now() - n * interval '1 second'
    from generate_series(1, p_tasks) n
    cross join lateral (select (array['done','done','done','done','ready','ready','triage','in_review','done','done'])[1 + n % 10] as status) s
    join public.os_phases h on h.project = bench and h.key = 'P' || (n % 6);
  insert into public.os_receipts (task, title, symptom, board_row, verifier_claim, caught_by, closing_note, fix_commit, needed_fleet, attribution, hash)
    select t.id, 'Held, and yet it broke', 'Part ' || t.number || ' broke.', 'Opened from the shop.', 'It holds.', 'A load test.', 'Fixed.',
      md5(t.number::text), 'no', 'One disciplined agent is enough.', md5('r' || t.number)
    from public.os_tasks t where t.status = 'done' order by t.number limit 40;
  -- Version 1 of each trail, without a chain: nothing here verifies it.
  insert into public.os_events (entity, entity_id, version, kind, actor_name, epoch, after, hash, at)
    select 'os_tasks', t.id, 1, 'created', 'bench', 0, to_jsonb(t), 'bench', t.date_created from public.os_tasks t;
  set local session_replication_role = origin;
  perform setval('public.os_tasks_number_seq', p_tasks + 1);
  perform muster.rebuild_queue();
end $$;
