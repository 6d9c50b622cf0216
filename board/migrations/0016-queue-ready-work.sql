-- Ready work, narrow and in claim order: a claim is a short ordered index scan however long the backlog and however old the
-- oldest transaction. A row is here while its task is ready, has attempts left and waits for nothing.

create table muster.queue (
  task uuid not null constraint queue_pkey primary key,
  rank bigint not null,
  project uuid not null,
  class text not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
create index queue_rank_index on muster.queue (rank);
create index queue_project_rank_index on muster.queue (project, rank);

-- No live rank is below its last_value: where a claim starts to look. A sequence, because it is changed in place: a row would
-- leave a dead version for every move while an old transaction pins the horizon.
create sequence muster.queue_head minvalue 0 start 0;
select setval('muster.queue_head', 0, true);

-- Priority, then how many open tasks wait for it, then age; smaller is sooner. 2 bits, 10 bits, 48 bits.
create function muster.queue_rank(p_priority text, p_unblocks bigint, p_number integer) returns bigint
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select ((ascii(substr(p_priority, 2, 1)) - 48)::bigint << 58) | ((1023 - least(p_unblocks, 1023)) << 48) | p_number::bigint
$$;

create function muster.count_waiting(p_task uuid) returns bigint
language sql stable set search_path = pg_catalog, pg_temp as $$
  select count(*) from public.os_task_dependencies d join public.os_tasks t on t.id = d.task
    where d.depends_on = p_task and t.status not in ('done', 'cancelled')
$$;

create function muster.has_open_dependency(p_task uuid) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  return exists (
    select from public.os_task_dependencies e join public.os_tasks d on d.id = e.depends_on where e.task = p_task and d.status <> 'done');
end $$;

-- Whoever puts a rank in holds the shared lock until it commits; the head is raised under the exclusive one, so that it never
-- passes a row that nobody sees yet.
create function muster.lower_queue_head(p_rank bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock_shared(hashtext('muster.queue'), 0);
  if p_rank < (select h.last_value from muster.queue_head h) then
    -- Two that lower at once would undo each other.
    perform pg_advisory_xact_lock(hashtext('muster.queue'), 1);
    if p_rank < (select h.last_value from muster.queue_head h) then
      perform setval('muster.queue_head', p_rank, true);
    end if;
  end if;
end $$;

create function muster.raise_queue_head() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  head bigint;
  lowest bigint;
begin
  if not pg_try_advisory_xact_lock(hashtext('muster.queue'), 0) then
    return;
  end if;
  select h.last_value into head from muster.queue_head h;
  select q.rank into lowest from muster.queue q where q.rank >= head order by q.rank limit 1;
  if lowest > head then
    perform setval('muster.queue_head', lowest, true);
  end if;
end $$;

-- Puts the task where it belongs. The caller holds the task's row lock.
create function muster.sync_queue(p_task public.os_tasks) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  new_rank bigint;
begin
  if p_task.status <> 'ready' or p_task.attempt >= p_task.max_attempts or muster.has_open_dependency(p_task.id) then
    delete from muster.queue q where q.task = p_task.id;
    return;
  end if;
  new_rank := muster.queue_rank(p_task.priority, muster.count_waiting(p_task.id), p_task.number);
  insert into muster.queue as q (task, rank, project, class) values (p_task.id, new_rank, p_task.project, p_task.class)
    on conflict (task) do update set rank = excluded.rank, project = excluded.project, class = excluded.class
    where (q.rank, q.project, q.class) is distinct from (excluded.rank, excluded.project, excluded.class);
  perform muster.lower_queue_head(new_rank);
end $$;

create function muster.queue_task() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform muster.sync_queue(new);
  return null;
end $$;

create trigger os_tasks_93_queue after insert on public.os_tasks
  for each row when (new.status = 'ready') execute function muster.queue_task();
create trigger os_tasks_94_queue after update on public.os_tasks
  for each row when (
    (old.status = 'ready' or new.status = 'ready')
    and (old.status, old.priority, old.project, old.class, old.attempt, old.max_attempts)
      is distinct from (new.status, new.priority, new.project, new.class, new.attempt, new.max_attempts)
  ) execute function muster.queue_task();

-- How many wait for it decides a place, not whether there is one: no lock on the task, and never an insert.
create function muster.rerank(p_task uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  new_rank bigint;
begin
  update muster.queue q set rank = muster.queue_rank(t.priority, muster.count_waiting(t.id), t.number)
    from public.os_tasks t where q.task = p_task and t.id = p_task returning q.rank into new_rank;
  if found then
    perform muster.lower_queue_head(new_rank);
  end if;
end $$;

create function muster.queue_dependency() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  touched public.os_tasks;
begin
  for touched in
    select t.* from public.os_tasks t
      where t.id in (case when tg_op <> 'DELETE' then new.task end, case when tg_op <> 'INSERT' then old.task end)
      order by t.id for no key update of t
  loop
    perform muster.sync_queue(touched);
  end loop;
  if tg_op <> 'DELETE' then
    perform muster.rerank(new.depends_on);
  end if;
  if tg_op <> 'INSERT' then
    perform muster.rerank(old.depends_on);
  end if;
  return null;
end $$;
create trigger os_task_dependencies_93_queue after insert or update or delete on public.os_task_dependencies
  for each row execute function muster.queue_dependency();

-- Tasks that waited for this one alone become ready in the same transaction. The lock comes before the look: of two last
-- dependencies finishing at once, the second waits and then sees the first.
create or replace function muster.unblock_dependents() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  waiting public.os_tasks;
begin
  for waiting in
    select t.* from public.os_tasks t join public.os_task_dependencies d on d.task = t.id
    where d.depends_on = new.id and (t.status = 'ready' or t.status = 'blocked' and t.blocked_type = 'dependency')
    order by t.id for no key update of t
  loop
    if waiting.status = 'ready' then
      perform muster.sync_queue(waiting);
    elsif jsonb_array_length(waiting.acceptance) > 0 and not muster.has_open_dependency(waiting.id) then
      update public.os_tasks t
        set status = 'ready', version = t.version + 1, date_updated = clock_timestamp(), user_updated = null, blocked_type = null,
          blocked_reason = null, blocked_owner = null, blocked_action = null, blocked_until = null
        where t.id = waiting.id and t.status = 'blocked';
    end if;
  end loop;
  return null;
end $$;

-- A task that is open again holds its dependents back again.
create function muster.hold_dependents() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  waiting public.os_tasks;
begin
  for waiting in
    select t.* from public.os_tasks t join public.os_task_dependencies d on d.task = t.id
    where d.depends_on = new.id and t.status = 'ready' order by t.id for no key update of t
  loop
    perform muster.sync_queue(waiting);
  end loop;
  return null;
end $$;
create trigger os_tasks_96_hold after update on public.os_tasks
  for each row when (old.status = 'done' and new.status <> 'done') execute function muster.hold_dependents();

-- A task that ends, or opens again, changes how many wait for its dependencies.
create function muster.rerank_dependencies() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform muster.rerank(d.depends_on) from public.os_task_dependencies d where d.task = new.id;
  return null;
end $$;
create trigger os_tasks_97_rerank after update on public.os_tasks
  for each row when ((old.status in ('done', 'cancelled')) <> (new.status in ('done', 'cancelled')))
  execute function muster.rerank_dependencies();

-- Places every task anew. For boards that were filled before the queue was, and for repair.
create function muster.rebuild_queue() returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  placed bigint;
begin
  lock table muster.queue in exclusive mode;
  delete from muster.queue;
  insert into muster.queue (task, rank, project, class)
    select t.id, muster.queue_rank(t.priority, muster.count_waiting(t.id), t.number), t.project, t.class
    from public.os_tasks t where t.status = 'ready' and t.attempt < t.max_attempts and not muster.has_open_dependency(t.id);
  get diagnostics placed = row_count;
  perform setval('muster.queue_head', 0, true);
  return placed;
end $$;
select muster.rebuild_queue();
