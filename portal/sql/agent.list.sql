-- The fleet, with what each did.
select a.name, a.title, a.model_family, a.model, a.status, a.capabilities, a.max_wip, a.last_seen_at, a.live_leases, a.tasks_submitted,
  a.tasks_accepted, a.tasks_reworked, a.verdicts, a.tokens_in, a.tokens_out, a.cost_usd
from muster_read.agents a
order by a.status, a.name
