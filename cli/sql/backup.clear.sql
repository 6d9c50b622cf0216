select pg_temp.clear_tables()
