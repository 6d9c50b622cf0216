-- An outage took leases that were granted or renewed between the last tick and its start, when it lasted longer than they did.

create or replace function muster.tick(p_limit integer default 200) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  last_tick timestamptz;
  gap interval;
  extended integer := 0;
  expired integer;
  woken integer;
begin
  if p_limit is null or p_limit not between 1 and 10000 then
    perform muster.refuse_value('limit must be 1 to 10000.');
  end if;
  if not pg_try_advisory_xact_lock(hashtext('muster.tick')) then
    return '{"ran":false}';
  end if;
  select p.ticked_at into last_tick from muster.pulse p;
  gap := coalesce(clock_timestamp() - last_tick, interval '0');
  if gap > muster.outage() then
    -- Nobody could renew while the board was away. Who was alive at the last tick gets that time back. Of who claimed or renewed since
    -- then, nobody knows whether it was before or after: a whole lease from now on takes nothing from either.
    update muster.leases l set
        heartbeat_at = case when l.heartbeat_at <= last_tick then l.heartbeat_at + gap else l.heartbeat_at end,
        expires_at = case when l.heartbeat_at <= last_tick then l.expires_at + gap
          else greatest(l.expires_at, clock_timestamp() + make_interval(secs => coalesce(l.seconds, 900))) end
      where l.task in (select k.task from muster.leases k where k.expires_at > last_tick order by k.task for update);
    get diagnostics extended = row_count;
  end if;
  expired := muster.expire(p_limit);
  woken := muster.wake(p_limit);
  delete from muster.operations o where o.ctid = any (array(
    select x.ctid from muster.operations x where x.at < clock_timestamp() - interval '30 days' limit p_limit));
  insert into muster.pulse as p (ticked_at) values (clock_timestamp()) on conflict (one) do update set ticked_at = excluded.ticked_at;
  perform muster.settle_queue_head();
  return jsonb_build_object('ran', true, 'expired', expired, 'unblocked', woken, 'extended', extended,
    'gap_seconds', round(extract(epoch from gap), 3));
end $$;
