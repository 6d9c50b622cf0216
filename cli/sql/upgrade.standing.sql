-- What an upgrade may change and a rollback must know: the newest migration of ours and of Directus, the newest event.
select
  (select coalesce(max(id), 0)::int from muster.migrations) as migration,
  (select coalesce(max(version), '') from public.directus_migrations) as directus,
  (select coalesce(max(id), 0)::text from public.os_events) as event
