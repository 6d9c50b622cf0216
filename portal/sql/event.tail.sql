-- The newest events that tell of work, by when they happened: imported history is younger in the log than in its own time.
-- Sessions, usage, reservations and the reference rows are left out. $1 int: how many.
select n.id, n.entity, n.kind, n.actor_name, n.epoch, n.task, n.task_title, n.from_status, n.to_status, n.changed, n.at, n.origin
from (
  select e.id, e.entity, e.kind, e.actor_name, e.epoch, e.task, e.task_title, e.from_status, e.to_status, e.changed, e.at, e.origin
  from muster_read.events e
  where e.entity in ('os_tasks', 'os_notes', 'os_verifications', 'os_receipts', 'os_task_dependencies')
  order by e.id desc
  limit 1000
) n
order by n.at desc, n.id desc
limit $1
