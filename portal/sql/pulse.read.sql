-- The board's clock, its newest readable event, what holds newer ones back, and every lease.
select p.now, p.incarnation, p.head_xid, p.head_id, p.held_events, p.held_by, p.leases from muster_read.pulse() p
