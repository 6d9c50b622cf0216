-- Events after a place in the trail. Only those that are settled, below the oldest transaction still running, may be passed: a late commit
-- stands among the others. $1 text: transaction; $2 bigint: id; $3 int: how many.
select e.xid::text, e.id::text, e.entity, e.task_id, e.xid < pg_snapshot_xmin(pg_current_snapshot()) as settled
from muster_read.events e
where (e.xid, e.id) > ($1::xid8, $2::bigint)
order by e.xid, e.id
limit $3
