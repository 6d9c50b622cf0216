-- Sets the instant at which muster_at shows the board, for this transaction. $1 time; $2 pg_snapshot or ''; $3 "xid:id" or ''. For a time
-- alone the trail is looked through once for where to begin; what may not be seen need not be taken back.
select set_config('muster.at_time', $1, true), set_config('muster.at_snapshot', $2, true), set_config('muster.at_place', $3, true),
  set_config('muster.at_floor', case when $2 || $3 = '' then coalesce(
    (select min(e.xid) from muster_read.event_index e where e.at > $1::timestamptz), pg_snapshot_xmin(pg_current_snapshot()))::text else '' end, true)
