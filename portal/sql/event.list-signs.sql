-- Signs of life under a claim. $1 timestamptz: from when; $2 int: how many, the newest.
select s.task, s.actor_name as agent, s.at
from muster_read.work_signs s
where s.at >= $1
order by s.id desc
limit $2
