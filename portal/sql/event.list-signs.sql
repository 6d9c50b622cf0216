-- Signs of life under a claim: writes to a task and notes on it, other than those that open or end a claim.
-- $1 timestamptz: from when; $2 int: how many, the newest.
select e.task, e.actor_name as agent, e.at
from muster_read.events e
where e.at >= $1 and e.task is not null
  and (e.entity = 'os_notes' or e.entity = 'os_tasks' and e.kind in ('renewed', 'edited'))
order by e.id desc
limit $2
