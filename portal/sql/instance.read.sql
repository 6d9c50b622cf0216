-- Totals of the whole board, the newest event of the trail, and the server's clock at which the page is read.
select i.instance_id, i.incarnation, i.profile, i.tasks, i.tasks_open, i.tasks_done, i.tasks_blocked, i.tasks_in_review, i.agents,
  i.live_leases, i.receipts, i.events, i.last_event_at, i.server_now, i.last_event_id, i.last_event_hash,
  i.last_event_xid::text || ':' || i.last_event_id as last_event_place,
  pg_current_snapshot()::text as snapshot
from muster_read.instance i
