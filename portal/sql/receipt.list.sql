-- Receipts, newest first. $1 int: how many; $2 int: how many to leave out.
select r.number, r.ref, r.task, r.title, r.caught_by, r.needed_fleet, r.issued_at, v.agent as verifier, v.model_family as verifier_family,
  v.author, v.author_family
from muster_read.receipts r
left join lateral (
  select x.agent, x.model_family, x.author, x.author_family from muster_read.verifications x
  where x.task_id = r.task_id and x.verdict = 'pass' order by x.created_at desc limit 1
) v on true
order by r.number desc
limit $1 offset $2
