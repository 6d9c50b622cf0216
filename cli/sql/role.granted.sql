-- Were the grants of role.grants.sql made? The last of them stands for all.
select coalesce(
  (select has_schema_privilege(oid, 'public', 'create') from pg_roles where rolname = 'muster_directus'), false) as is_granted
