-- Tasks that are neither done nor cancelled: of each status so many, held ones first, then by urgency.
-- $1 phase, $2 agent, $3 family, $4 priority: text or null for all; $5 int: how many of each status.
-- Chosen first, read then: a column that is sorted past would be computed for every task.
select t.number, t.title, t.status, t.priority, t.phase, t.agent, t.model_family, t.lease_kind, t.lease_seconds, t.lease_heartbeat_at,
  t.lease_expires_at, t.claim_epoch, t.attempt, t.max_attempts, t.author, t.author_family, t.risk, t.submitted_at, t.blocked_type,
  t.blocked_reason, t.blocked_owner, t.blocked_action, t.required_capabilities, t.open_dependencies, t.dependents, t.updated_at, t.sort
from unnest(array['triage', 'ready', 'in_progress', 'blocked', 'in_review']) s (status)
cross join lateral (
  select c.id
  from muster_read.tasks c
  where c.status = s.status
    and ($1::text is null or c.phase = $1) and ($2::text is null or $2 in (c.agent, c.author))
    and ($3::text is null or $3 in (c.model_family, c.author_family)) and ($4::text is null or c.priority = $4)
  order by c.lease_kind is null, c.priority, c.sort nulls last, c.number
  limit $5
) chosen
cross join lateral (select x.* from muster_read.tasks x where x.id = chosen.id limit 1) t
order by t.priority, t.sort nulls last, t.number
