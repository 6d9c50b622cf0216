-- When the newest event at or before a place happened. $1 bigint: id of an event.
select e.at from muster_read.events e where e.id <= $1 order by e.id desc limit 1
