-- Receipts of a task. $1 int: its number.
select r.number, r.ref, r.title, r.issued_at from muster_read.receipts r where r.task = $1 order by r.number
