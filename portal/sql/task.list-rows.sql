-- Chosen tasks as rows, in the order in which they are named. $1 uuid[]: their ids.
select t.number, t.title, t.project, t.phase, t.class, t.status, t.priority, t.risk, t.labels, t.agent, t.model_family, t.lease_kind,
  t.lease_seconds, t.lease_heartbeat_at, t.lease_expires_at, t.claim_epoch, t.attempt, t.max_attempts, t.author, t.verifier, t.blocked_type, t.receipt,
  t.dependents, t.open_dependencies, t.submitted_commit, t.created_at, t.updated_at, t.done_at
from unnest($1::uuid[]) with ordinality c (id, nth)
cross join lateral (select x.* from muster_read.tasks x where x.id = c.id limit 1) t
order by c.nth
