select pg_database_size('muster')::text as bytes
