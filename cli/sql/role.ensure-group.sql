select pg_temp.ensure_group($1)
