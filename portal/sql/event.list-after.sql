-- Events after a place in the trail, below the horizon. $1 text: transaction; $2 bigint: id; $3 int: how many.
select e.xid, e.id, e.entity, e.kind, e.version, e.actor_name, e.epoch, e.task, e.task_title, e.from_status, e.to_status, e.at, e.origin
from muster_read.events_after($1::xid8, $2::bigint, $3::integer) e
