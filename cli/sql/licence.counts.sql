-- What Directus Core limits: collections with a table, seats, active flows, permission rows with custom rules.
select
  (select count(*)::int from public.directus_collections where collection not like 'directus\_%'
     and collection in (select tablename from pg_tables where schemaname = 'public')) as collections,
  (select count(distinct u.id)::int
     from public.directus_users u
     join public.directus_access a on a."user" = u.id or a.role = u.role
     join public.directus_policies p on p.id = a.policy
    where u.status = 'active' and (p.admin_access or p.app_access)) as seats,
  (select count(*)::int from public.directus_flows where status = 'active') as flows,
  (select count(*)::int from public.directus_permissions
    where coalesce(permissions::text, 'null') not in ('null', '{}')
       or coalesce(validation::text, 'null') not in ('null', '{}')
       or coalesce(presets::text, 'null') not in ('null', '{}')
       or coalesce(fields, '') <> '*') as custom_rules
