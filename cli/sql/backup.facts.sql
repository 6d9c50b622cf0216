select current_setting('server_version') as server_version, i.instance_id::text as instance_id, i.incarnation,
  pg_snapshot_xmin(pg_current_snapshot())::text as below_xid
  from muster.instance i
