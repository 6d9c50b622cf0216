-- One task. $1 int: its number.
select t.number, t.title, t.description, t.class, t.status, t.priority, t.risk, t.project_name, t.phase, t.phase_name, t.acceptance,
  t.required_capabilities, t.paths, t.labels, t.attempt, t.max_attempts, t.version, t.claim_epoch, t.agent, t.model_family, t.lease_kind,
  t.lease_granted_at, t.lease_heartbeat_at, t.lease_expires_at, t.lease_seconds, t.author, t.author_family, t.submitted_commit,
  t.submitted_artifact, t.submitted_at, t.verifier, t.verifier_family, t.verified_at, t.blocked_type, t.blocked_reason, t.blocked_owner,
  t.blocked_action, t.blocked_until, t.closing_note, t.status_reason, t.open_dependencies, t.notes, t.created_at, t.updated_at, t.done_at, t.origin,
  p.repository_url
from muster_read.tasks t
join muster_read.projects p on p.id = t.project_id
where t.number = $1
