-- Every task that may be seen.
select t.id, t.number from muster_read.task_index t order by t.number
