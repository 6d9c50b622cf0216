-- Totals of the whole board, the newest event of the trail, and the server's clock at which the page is read.
select i.instance_id, i.incarnation, i.profile, i.tasks, i.tasks_open, i.tasks_done, i.tasks_blocked, i.tasks_in_review, i.agents,
  i.live_leases, i.receipts, i.events, i.last_event_at, i.server_now, newest.id as last_event_id, newest.hash as last_event_hash,
  newest.xid::text || ':' || newest.id as last_event_place,
  pg_current_snapshot()::text as snapshot
from muster_read.instance i
left join lateral (select e.xid, e.id, e.hash from muster_read.events e order by e.xid desc, e.id desc limit 1) newest on true
