-- Which of these tasks may be seen. $1 int[]: their numbers.
select t.number from muster_read.task_index t where t.number = any($1::integer[])
