-- How far an installation of Directus got. One row. Bootstrap makes its tables one by one, directus_users among the later ones, and
-- takes the first of them for all: any table of its own tells that it has begun.
select
  exists (
    select from pg_class
    where relnamespace = to_regnamespace('public') and relkind = 'r' and starts_with(relname, 'directus_')
  ) as has_tables,
  to_regclass('public.directus_users') is not null as has_users,
  to_regnamespace('muster') is not null as has_board
