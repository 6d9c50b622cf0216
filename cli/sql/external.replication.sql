-- Standbys that follow, as far as our login may see them: others' rows are there, and their columns empty.
select application_name, state, sync_state, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::text as behind_bytes
from pg_stat_replication
order by application_name
