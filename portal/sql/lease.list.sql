-- Every claim that is held now, with what last happened to its task.
select l.task, l.task_title, l.kind, l.epoch, l.agent, l.model_family, l.granted_at, l.heartbeat_at, l.expires_at, l.lease_seconds,
  last.kind as last_kind, last.at as last_at
from muster_read.leases l
left join lateral (
  select e.kind, e.at from muster_read.events e
  where e.entity = 'os_tasks' and e.entity_id = l.task_id order by e.version desc limit 1
) last on true
order by l.expires_at, l.task
limit 200
