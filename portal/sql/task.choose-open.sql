-- Tasks that are neither done nor cancelled: of each status so many, held ones first, then by urgency. Those at work are few; the others come in
-- the order of their view, and are looked at until there are enough of them. $1 phase, $2 priority: text or null for all; $3 int: how many.
select c.id
from unnest(array['triage', 'ready', 'in_progress', 'blocked', 'in_review']) s (status)
cross join lateral (
  select x.id
  from (
    select a.id, a.priority, a.sort, a.number, a.is_held
    from muster_read.tasks_at_work a
    where a.status = s.status and ($1::text is null or a.phase = $1) and ($2::text is null or a.priority = $2)
    union all
    (select w.id, w.priority, w.sort, w.number, false
    from muster_read.waiting_tasks w
    where w.status = s.status and ($1::text is null or w.phase = $1) and ($2::text is null or w.priority = $2)
    limit $3)
  ) x
  order by not x.is_held, x.priority, x.sort nulls last, x.number
  limit $3
) c
