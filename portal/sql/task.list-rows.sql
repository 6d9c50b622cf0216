-- Tasks under every filter, a page at a time. $1 status, $2 project, $3 phase, $4 class, $5 priority, $6 risk, $7 agent, $8 family,
-- $9 label, $10 words: text or null for all; $11 order: number, changed or priority; $12 int: how many; $13 int: how many to leave out.
-- Chosen first, read then: a column that is sorted past would be computed for every task.
select t.number, t.title, t.project, t.phase, t.class, t.status, t.priority, t.risk, t.labels, t.agent, t.model_family, t.lease_kind,
  t.lease_seconds, t.lease_heartbeat_at, t.lease_expires_at, t.claim_epoch, t.attempt, t.max_attempts, t.author, t.verifier, t.blocked_type, t.receipt,
  t.dependents, t.open_dependencies, t.submitted_commit, t.created_at, t.updated_at, t.done_at
from (
  select c.id
  from muster_read.tasks c
  where ($1::text is null or c.status = $1) and ($2::text is null or c.project = $2) and ($3::text is null or c.phase = $3)
    and ($4::text is null or c.class = $4) and ($5::text is null or c.priority = $5) and ($6::text is null or c.risk = $6)
    and ($7::text is null or $7 in (c.agent, c.author)) and ($8::text is null or $8 in (c.model_family, c.author_family))
    and ($9::text is null or c.labels ? $9)
    and ($10::text is null or strpos(lower(c.title), lower($10)) > 0 or strpos(lower(coalesce(c.description, '')), lower($10)) > 0)
  order by case when $11::text = 'changed' then c.updated_at end desc, case when $11 = 'priority' then c.priority end, c.number desc
  limit $12 offset $13
) chosen
cross join lateral (select x.* from muster_read.tasks x where x.id = chosen.id limit 1) t
order by case when $11::text = 'changed' then t.updated_at end desc, case when $11 = 'priority' then t.priority end, t.number desc
