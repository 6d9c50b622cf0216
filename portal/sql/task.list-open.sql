-- Chosen tasks that are neither done nor cancelled, by urgency. $1 uuid[]: their ids.
select t.number, t.title, t.status, t.priority, t.phase, t.agent, t.model_family, t.lease_kind, t.lease_seconds, t.lease_heartbeat_at,
  t.lease_expires_at, t.claim_epoch, t.attempt, t.max_attempts, t.author, t.author_family, t.risk, t.submitted_at, t.blocked_type,
  t.blocked_reason, t.blocked_owner, t.blocked_action, t.required_capabilities, t.open_dependencies, t.dependents, t.updated_at, t.sort
from unnest($1::uuid[]) c (id)
cross join lateral (select x.* from muster_read.tasks x where x.id = c.id limit 1) t
order by t.priority, t.sort nulls last, t.number
