-- How far Directus's own migrations came; null when it has recorded none.
select max(version) as newest from public.directus_migrations
