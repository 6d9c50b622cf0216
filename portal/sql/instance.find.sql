-- The one row that says which instance's database this is; none until migrate has recorded it.
select instance_id from muster_read.instance
