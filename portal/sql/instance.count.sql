-- Totals of the whole board, and the newest event of the trail.
select i.instance_id, i.incarnation, i.profile, i.tasks, i.tasks_open, i.tasks_done, i.tasks_blocked, i.tasks_in_review, i.agents,
  i.live_leases, i.receipts, i.events, i.last_event_at, i.last_event_id, i.last_event_hash,
  i.last_event_xid::text || ':' || i.last_event_id as last_event_place
from muster_read.instance i
