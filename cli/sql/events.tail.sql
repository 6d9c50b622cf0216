select * from (
  select e.id::text, e.entity, e.entity_id::text, e.version, e.kind, e.actor_name, e.epoch, t.number as task, e.hash, e.origin, e.at
  from public.os_events e left join public.os_tasks t on e.entity = 'os_tasks' and t.id = e.entity_id
  where $2::text is null or e.entity = $2
  order by e.id desc limit $1
) newest order by newest.id::bigint
