-- What the board recorded, part by part. $1: ids of the tasks, null for every task. Times in milliseconds, ranks as text.
with wanted as (select t.* from public.os_tasks t where $1::uuid[] is null or t.id = any ($1::uuid[]))
select 'clock' as part, jsonb_build_object('readAt', extract(epoch from clock_timestamp()) * 1000,
  'lockDelayMs', extract(epoch from muster.lock_delay()) * 1000) as "row"
union all
select 'task', jsonb_build_object('id', t.id, 'row', to_jsonb(t)) from wanted t
union all
select 'event', jsonb_build_object('id', e.id, 'entity', e.entity, 'entityId', e.entity_id, 'version', e.version, 'kind', e.kind, 'actor', e.actor,
  'isSteward', coalesce(muster.is_steward(e.actor), false), 'epoch', e.epoch, 'before', e.before, 'after', e.after,
  'at', extract(epoch from e.at) * 1000, 'origin', e.origin)
from public.os_events e where $1::uuid[] is null or e.entity = 'os_tasks' and e.entity_id = any ($1::uuid[])
union all
select 'claim', jsonb_build_object('task', c.task, 'epoch', c.epoch, 'kind', c.kind, 'holder', c.holder, 'session', c.session,
  'modelFamily', c.model_family, 'claimedAt', extract(epoch from c.claimed_at) * 1000, 'endedAt', extract(epoch from c.ended_at) * 1000,
  'endedBy', c.ended_by)
from public.os_claims c join wanted t on t.id = c.task
union all
select 'lease', jsonb_build_object('task', l.task, 'kind', l.kind, 'epoch', l.epoch, 'holder', l.holder, 'expiresAt', extract(epoch from l.expires_at) * 1000)
from muster.leases l join wanted t on t.id = l.task
union all
select 'dependency', jsonb_build_object('id', d.id, 'task', d.task, 'dependsOn', d.depends_on, 'dependsOnStatus', o.status)
from public.os_task_dependencies d join wanted t on t.id = d.task join public.os_tasks o on o.id = d.depends_on
union all
select 'verification', jsonb_build_object('task', v.task, 'epoch', v.epoch, 'verdict', v.verdict, 'verifier', v.verifier, 'session', v.session,
  'modelFamily', v.model_family, 'risk', t.risk)
from public.os_verifications v join wanted t on t.id = v.task
union all
select 'place', jsonb_build_object('task', q.task, 'rank', q.rank::text,
  'wanted', muster.queue_rank(t.priority, muster.count_waiting(t.id), t.number)::text, 'head', h.last_value::text)
from muster.queue q join wanted t on t.id = q.task cross join muster.queue_head h
union all
select 'operation', jsonb_build_object('op', o.op, 'verb', o.verb) from muster.operations o
