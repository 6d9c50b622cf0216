-- All that is there, for a board that nobody else can reach: every transaction that has an id is below below_xid.
select pg_snapshot_xmax(pg_current_snapshot())::text as below_xid, coalesce((select max(e.id) from public.os_events e), 0)::text as last_id,
  (select i.instance_id::text from muster.instance i) as instance,
  (select i.incarnation from muster.instance i) as incarnation
