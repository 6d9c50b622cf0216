-- $1 int: a task's number.
select exists (select from muster_read.tasks where number = $1) as exists
