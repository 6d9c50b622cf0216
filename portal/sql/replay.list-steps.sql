-- Around the shown instant: the first event of all, the newest one seen, and the next one that is not. The order is the trail's, that of
-- transactions: ids are drawn before a commit. $1 text and $2 bigint: transaction and id of the newest one seen, or 0 and 0.
select (select min(e.at) from muster_read.event_index e) as first_at,
  (select e.xid::text || ':' || e.id from muster_read.event_index e where (e.xid, e.id) < ($1::xid8, $2::bigint)
    order by e.xid desc, e.id desc limit 1) as before,
  (select e.xid::text || ':' || e.id from muster_read.event_index e where (e.xid, e.id) > ($1::xid8, $2::bigint)
    order by e.xid, e.id limit 1) as after,
  clock_timestamp() as now
