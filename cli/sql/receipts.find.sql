select r.number, t.number as task, r.title, r.symptom, r.board_row, r.verifier_claim, r.caught_by, r.closing_note, r.fix_commit, r.needed_fleet,
  r.attribution, r.steps, r.prev_hash, r.hash, r.origin, r.issued_at
from public.os_receipts r join public.os_tasks t on t.id = r.task
where r.number = $1
