-- What somebody does on the board now: leases that have not run out by its own clock, and the newest event.
select (select count(*)::int from muster.leases l where l.expires_at > clock_timestamp()) as leases,
  (select e.at from public.os_events e order by e.id desc limit 1) as newest_event,
  clock_timestamp() as now
