-- The one row that says which instance's database this is, and which of its lives; none until migrate has recorded it.
select instance_id, incarnation from muster_read.instance
