-- Reading the trail without ever skipping a late commit: only events of transactions below the oldest one still running.

-- Opaque: incarnation, transaction and id of the last event read.
create function muster.make_cursor(p_xid xid8, p_id bigint) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select translate(encode(convert_to(format('%s:%s:%s', muster.incarnation(), p_xid, p_id), 'UTF8'), 'base64'), '+/=', '-_')
$$;

create function muster.events_since(p_cursor text default null, p_limit integer default 100, p_options jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  horizon constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
  parts text[];
  from_xid xid8 := '0';
  from_id bigint := 0;
  wanted_task uuid;
  found_events jsonb;
  event_count integer;
  last_xid xid8;
  last_id bigint;
  held integer;
  holder integer;
begin
  perform muster.assert_object('options', p_options, '{"entity":"string","task":"string"}');
  if p_limit is null or p_limit not between 1 and 1000 then
    perform muster.refuse_value('limit must be 1 to 1000.');
  end if;
  if p_options ->> 'task' is not null then
    wanted_task := muster.find_task(p_options ->> 'task');
  end if;
  if p_cursor = 'now' then
    from_xid := horizon;
  elsif p_cursor is not null then
    begin
      parts := string_to_array(convert_from(decode(translate(p_cursor, '-_', '+/') || repeat('=', (4 - length(p_cursor) % 4) % 4), 'base64'), 'UTF8'), ':');
      from_xid := parts[2]::xid8;
      from_id := parts[3]::bigint;
    exception when data_exception then
      parts := null;
    end;
    if parts is null or cardinality(parts) <> 3 or parts[1] <> muster.incarnation()::text then
      perform muster.refuse_value('This cursor is none of the board''s, or from before a restore. Start again without one.');
    end if;
  end if;
  select coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'entity', e.entity, 'entity_id', e.entity_id, 'version', e.version, 'kind', e.kind,
      'actor', e.actor, 'actor_name', e.actor_name, 'epoch', e.epoch, 'before', e.before, 'after', e.after, 'hash', e.hash, 'at', e.at,
      'origin', e.origin) order by e.xid, e.id), '[]'), count(*),
      (array_agg(e.xid order by e.xid desc, e.id desc))[1],
      (array_agg(e.id order by e.xid desc, e.id desc))[1]
    into found_events, event_count, last_xid, last_id from (
      select x.* from public.os_events x
        where (x.xid, x.id) > (from_xid, from_id) and x.xid < horizon
          and (p_options ->> 'entity' is null or x.entity = p_options ->> 'entity')
          and (wanted_task is null or x.entity_id = wanted_task)
        order by x.xid, x.id limit p_limit) e;
  select count(*) into held from (select from public.os_events x where x.xid >= horizon limit 1000) w;
  if held > 0 then
    select l.pid into holder from pg_locks l
      where l.locktype = 'transactionid' and l.granted and l.mode = 'ExclusiveLock'
        and l.transactionid::text::bigint = mod(horizon::text::numeric, 4294967296)::bigint limit 1;
  end if;
  return jsonb_build_object('events', found_events,
    'cursor', muster.make_cursor(coalesce(last_xid, from_xid), coalesce(last_id, from_id)), 'more', event_count = p_limit,
    'horizon', jsonb_build_object('lag_events', held, 'held_by', holder));
end $$;
