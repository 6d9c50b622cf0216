-- Claims that are held now, those that end first, with what last happened to its task: a change of the row, or a note if that is newer.
-- $1 int: how many.
select l.task, l.task_title, l.kind, l.epoch, l.agent, l.model_family, l.granted_at, l.heartbeat_at, l.expires_at, l.lease_seconds,
  case when note.created_at > last.at then 'note_added' else last.kind end as last_kind, greatest(note.created_at, last.at) as last_at
from muster_read.leases l
left join lateral (
  select e.kind, e.at from muster_read.events e
  where e.entity = 'os_tasks' and e.entity_id = l.task_id order by e.version desc limit 1
) last on true
left join lateral (
  select n.created_at from muster_read.notes n where n.task_id = l.task_id order by n.created_at desc limit 1
) note on true
order by l.expires_at, l.task
limit $1
