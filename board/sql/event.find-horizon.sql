-- Below below_xid no transaction is running any more: what is there now will never get an event in between.
select pg_snapshot_xmin(pg_current_snapshot())::text as below_xid,
  coalesce((select max(e.id) from public.os_events e where e.xid < pg_snapshot_xmin(pg_current_snapshot())), 0)::text as last_id,
  (select i.instance_id::text from muster.instance i) as instance,
  (select i.incarnation from muster.instance i) as incarnation
