-- What our roles own in this database, and what they may do in it. Those that do not exist own nothing.
do $$
declare
  role_name text;
begin
  for role_name in select rolname from pg_catalog.pg_roles
    where rolname in ('muster_owner', 'muster_directus', 'muster_portal', 'muster_rag')
      and pg_catalog.pg_has_role(current_user, oid, 'usage')
  loop
    execute format('drop owned by %I cascade', role_name);
  end loop;
end $$
