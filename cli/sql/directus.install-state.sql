-- How far an installation of Directus got. One row.
select
  to_regclass('public.directus_users') is not null as has_tables,
  to_regnamespace('muster') is not null as has_board
