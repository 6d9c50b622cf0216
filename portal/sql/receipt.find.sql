-- One receipt with its task. $1 int: its number.
select r.number, r.ref, r.task, r.title, r.symptom, r.board_row, r.verifier_claim, r.caught_by, r.closing_note, r.fix_commit, r.needed_fleet,
  r.attribution, r.steps, r.prev_hash, r.hash, r.origin, r.issued_at, t.title as task_title, t.status as task_status, t.phase, t.attempt,
  t.max_attempts, t.submitted_commit, t.author, t.author_family, t.verifier, t.verifier_family,
  cost.tokens, p.repository_url
from muster_read.receipts r
cross join lateral (select x.* from muster_read.tasks x where x.id = r.task_id limit 1) t
join muster_read.projects p on p.id = t.project_id
cross join lateral (
  select coalesce(sum(c.tokens_in + c.tokens_out), 0)::bigint as tokens from muster_read.claims c where c.task_id = r.task_id
) cost
where r.number = $1
