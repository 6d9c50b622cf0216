-- A task, everything that it waits for, and everything that waits for it, over any number of steps. $1 int: its number; $2 int: how many.
with recursive before as (
  select $1::integer as number
  union
  select d.depends_on from before b join muster_read.dependencies d on d.task = b.number
), after as (
  select $1::integer as number
  union
  select d.task from after a join muster_read.dependencies d on d.depends_on = a.number
)
select t.number, t.title, t.status, t.priority, t.phase, t.agent, t.blocked_type
from muster_read.tasks t
where t.number in (select b.number from before b union select a.number from after a)
order by t.number <> $1, t.priority, t.number
limit $2
