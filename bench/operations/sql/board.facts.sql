-- What lies on the board; "bytes" with indexes, of the whole database.
select (select count(*) from public.os_tasks)::int as tasks, (select count(*) from public.os_claims)::int as claims,
  (select count(*) from public.os_notes)::int as notes, (select count(*) from public.os_verifications)::int as verifications,
  (select count(*) from public.os_events)::int as events, pg_database_size(current_database())::text as bytes
