-- The newest events that tell of work, by when they happened: imported history is younger in the log than in its own time.
-- Sessions, usage, reservations and the reference rows are left out. $1 int: how many.
select e.id, e.entity, e.kind, e.actor_name, e.epoch, e.task, e.task_title, e.from_status, e.to_status, e.changed, e.at, e.origin
from (
  select n.id
  from (
    select i.id, i.at
    from muster_read.newest_events i
    where i.entity in ('os_tasks', 'os_notes', 'os_verifications', 'os_receipts', 'os_task_dependencies')
    order by i.id desc
    limit 1000
  ) n
  order by n.at desc, n.id desc
  limit $1
) chosen
cross join lateral (select x.* from muster_read.events x where x.id = chosen.id limit 1) e
order by e.at desc, e.id desc
