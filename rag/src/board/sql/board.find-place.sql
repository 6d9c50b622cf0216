-- Which board answers, and from where its trail must be read on by whoever reads its rows after this statement.
select i.instance_id, i.incarnation, pg_snapshot_xmin(pg_current_snapshot())::text as horizon
from muster_read.instance i
