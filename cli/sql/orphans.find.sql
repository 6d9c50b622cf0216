-- Rows whose reference has no foreign key, and points nowhere: live leases without a holder or a claim, events without their task,
-- open claims without a lease.
select 'muster.leases.holder' as place, l.task::text as id from muster.leases l
  where l.holder is not null and not exists (select from public.directus_users u where u.id = l.holder)
union all
select 'muster.leases without an open claim', l.task::text from muster.leases l
  where not exists (select from public.os_claims c where c.task = l.task and c.epoch = l.epoch and c.ended_at is null)
union all
select 'os_claims open without a lease', c.id::text from public.os_claims c
  where c.ended_at is null and not exists (select from muster.leases l where l.task = c.task and l.epoch = c.epoch)
union all
select 'os_events.entity_id', e.id::text from public.os_events e
  where e.entity = 'os_tasks' and not exists (select from public.os_tasks t where t.id = e.entity_id)
limit 20
