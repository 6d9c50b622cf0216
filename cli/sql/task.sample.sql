-- One task that the portal's board must show, by the portal's own views: the first of its column, since of a large board a column shows so many.
select t.number, t.title
from (
  (select 1 as place, w.id from muster_read.waiting_tasks w order by w.status, w.priority, w.sort, w.number limit 1)
  union all
  (select 2, a.id from muster_read.tasks_at_work a order by a.status, not a.is_held, a.priority, a.sort, a.number limit 1)
  union all
  (select 3, d.id from muster_read.done_tasks d order by d.done_at desc nulls last, d.number desc limit 1)
) x
join muster_read.tasks t on t.id = x.id
order by x.place limit 1
