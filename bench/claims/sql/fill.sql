-- $1 more ready tasks, with their first event and their place in the queue. Judged by nobody: a fixture.
with made as (
  insert into public.os_tasks (number, project, title, status, acceptance)
    select nextval('public.os_tasks_number_seq'), p.id, 'Task', 'ready', '[{"id":"a1","text":"Done."}]'
    from public.os_projects p, generate_series(1, $1::integer) where p.key = 'bench' returning id, number, project, class
), logged as (
  insert into public.os_events (entity, entity_id, version, kind, hash) select 'os_tasks', m.id, 1, 'created', 'fixture' from made m
)
insert into muster.queue (task, rank, project, class) select m.id, muster.queue_rank('P2', 0, m.number), m.project, m.class from made m
