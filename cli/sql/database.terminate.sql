select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = 'muster' and pid <> pg_backend_pid()
