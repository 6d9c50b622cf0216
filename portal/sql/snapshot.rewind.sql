-- Sets the instant at which muster_at shows the board, for this transaction. $1 time; $2 pg_snapshot or ''; $3 "xid:id" or ''.
select set_config('muster.at_time', $1, true), set_config('muster.at_snapshot', $2, true), set_config('muster.at_place', $3, true)
