-- Newest events. $1 int: how many.
select e.id, e.entity, e.kind, e.actor_name, e.epoch, e.task, e.task_title, e.from_status, e.to_status, e.changed, e.at, e.origin
from muster_read.events e
order by e.id desc
limit $1
