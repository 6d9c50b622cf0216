-- Every work claim that was granted on the given tasks, by whom and with which epoch.
select c.task, c.epoch, c.holder, t.claim_epoch, t.status, t.assigned_to,
  (select count(*)::integer from public.os_events e where e.entity = 'os_tasks' and e.entity_id = c.task and e.kind = 'claimed') as claimed_events
from public.os_claims c
join public.os_tasks t on t.id = c.task
where c.task = any ($1::uuid[]) and c.kind = 'work'
