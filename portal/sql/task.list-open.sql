-- Tasks that are neither done nor cancelled. $1 phase, $2 agent, $3 family, $4 priority: text or null for all; $5 int: how many.
select t.number, t.title, t.status, t.priority, t.phase, t.agent, t.model_family, t.lease_kind, t.lease_seconds, t.lease_heartbeat_at,
  t.lease_expires_at, t.claim_epoch, t.attempt, t.max_attempts, t.author, t.author_family, t.risk, t.submitted_at, t.blocked_type,
  t.blocked_reason, t.blocked_owner, t.blocked_action, t.required_capabilities, t.open_dependencies, t.dependents, t.updated_at
from muster_read.tasks t
where t.status in ('triage', 'ready', 'in_progress', 'blocked', 'in_review')
  and ($1::text is null or t.phase = $1) and ($2::text is null or $2 in (t.agent, t.author))
  and ($3::text is null or $3 in (t.model_family, t.author_family)) and ($4::text is null or t.priority = $4)
order by t.priority, t.sort nulls last, t.number
limit $5
