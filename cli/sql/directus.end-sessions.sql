-- A process that was killed leaves a session behind that finishes, and commits, the statement that it has in hand. Only ever run while
-- Directus does not. Waits up to 10 s for each.
select pg_terminate_backend(pid, 10000) from pg_stat_activity
where usename = 'muster_directus' and datname = current_database() and pid <> pg_backend_pid()
