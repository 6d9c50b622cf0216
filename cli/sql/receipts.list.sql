select r.number, t.number as task, r.title, r.caught_by, r.needed_fleet, r.fix_commit, r.hash, r.origin, r.issued_at
from public.os_receipts r join public.os_tasks t on t.id = r.task
order by r.number desc limit $1
