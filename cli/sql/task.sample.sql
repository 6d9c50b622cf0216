-- One task that the portal's board must show, by the portal's own views: the first of those that it chooses each column from, since a long column is cut.
-- What waits comes before what is held, and that before what is done.
select t.number, t.title
from (
  (select w.id, 1 as turn from muster_read.waiting_tasks w limit 1)
  union all
  (select a.id, 2 from muster_read.tasks_at_work a order by not a.is_held, a.priority, a.sort nulls last, a.number limit 1)
  union all
  (select d.id, 3 from muster_read.done_tasks d limit 1)
) c
cross join lateral (select x.number, x.title from muster_read.tasks x where x.id = c.id limit 1) t
order by c.turn
limit 1
