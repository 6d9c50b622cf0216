-- When the newest event at or before a place happened. $1 text: transaction; $2 bigint: id.
select e.at from muster_read.event_index e where (e.xid, e.id) <= ($1::xid8, $2::bigint) order by e.xid desc, e.id desc limit 1
