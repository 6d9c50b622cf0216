-- Around the shown instant: the first event of all, the newest one seen, and the next one that is not. $1 bigint: id of the newest one seen, or 0.
select (select min(e.at) from muster_read.events e) as first_at,
  (select e.xid::text || ':' || e.id from muster_read.events e where e.id < $1 order by e.id desc limit 1) as before,
  (select e.xid::text || ':' || e.id from muster_read.events e where e.id > $1 order by e.id limit 1) as after,
  clock_timestamp() as now
