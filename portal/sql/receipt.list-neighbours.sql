-- The receipts just before and just after one. $1 int: its number.
(select r.number, r.ref, r.title from muster_read.receipts r where r.number < $1 order by r.number desc limit 1)
union all
(select r.number, r.ref, r.title from muster_read.receipts r where r.number > $1 order by r.number limit 1)
order by number
