-- $1 entity, $2 entity_id, $3 version: the last link read; $4: how many. The payload is put together here and not by a function of the
-- board, so that a function that was tampered with cannot vouch for a row.
select e.id::text, e.xid::text, e.entity, e.entity_id::text, e.version, e.prev_hash, e.hash,
  jsonb_build_object(
    'entity', e.entity, 'entity_id', e.entity_id, 'version', e.version, 'kind', e.kind, 'actor', e.actor, 'actor_name', e.actor_name,
    'epoch', e.epoch, 'before', e.before, 'after', e.after, 'at', (e.at at time zone 'UTC')::text, 'origin', e.origin)::text as payload
from public.os_events e
where (e.entity, e.entity_id, e.version) > ($1::text, $2::uuid, $3::integer)
order by e.entity, e.entity_id, e.version
limit $4
