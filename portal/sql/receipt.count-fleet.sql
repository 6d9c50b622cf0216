-- How many receipts say that the fleet was needed, was not, or was in part.
select r.needed_fleet, count(*)::integer as receipts
from muster_read.receipts r
group by r.needed_fleet
order by r.needed_fleet
