-- The same for the tasks that an agent, or a model of a family, holds or worked on last, and how many it has of each status. $1 phase, $2 agent,
-- $3 family, $4 priority: text or null for all; $5 int: how many of each open status, $6 int: how many verified ones.
with worked as (
  select w.task_id from muster_read.task_workers w group by w.task_id
  having ($2::text is null or bool_or(w.agent = $2)) and ($3::text is null or bool_or(w.model_family = $3))
)
select c.id, c.status, c.tasks
from (
  select t.id, t.status, count(*) over (partition by t.status)::integer as tasks, row_number() over (
    partition by t.status
    order by case when t.status = 'done' then t.done_at end desc nulls last, case when t.status = 'done' then t.number end desc,
      t.lease_kind is null, t.priority, t.sort nulls last, t.number) as nth
  from worked k
  cross join lateral (
    select x.id, x.number, x.status, x.phase, x.priority, x.sort, x.done_at, x.lease_kind from muster_read.tasks x where x.id = k.task_id limit 1
  ) t
  where ($1::text is null or t.phase = $1) and ($4::text is null or t.priority = $4)
) c
where c.nth <= case when c.status = 'done' then $6::integer when c.status = 'cancelled' then 1 else $5::integer end
