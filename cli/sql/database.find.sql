-- $1 database name
select exists (select from pg_database where datname = $1) as present
