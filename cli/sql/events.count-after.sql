-- $1 id of an event; seeded rows are no work of anybody
select count(*)::int as count from public.os_events where id > $1::bigint and origin <> 'seed'
