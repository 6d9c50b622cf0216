-- For an administrator of the server, in database :"database" (psql -d :"database"). Afterwards :"login" needs no more than this, and no superuser.
-- The passwords are verifiers: nobody can log in with them. Run again, it changes nothing.
create or replace function pg_temp.muster_role(role_name text, verifier text) returns void
  language plpgsql as $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = role_name) then
    execute format('create role %I nologin', role_name);
  end if;
  if verifier is not null then
    execute format('alter role %I login password %L', role_name, verifier);
  end if;
end
$$;
select pg_temp.muster_role('muster_owner', null);
select pg_temp.muster_role('muster_directus', :'muster_directus');
select pg_temp.muster_role('muster_portal', :'muster_portal');
select pg_temp.muster_role('muster_rag', :'muster_rag');
-- The law's functions belong to muster_owner and Directus's tables to muster_directus: our login makes and changes both in their names.
grant muster_owner, muster_directus to :"login" with inherit true, set true;
-- Schemas, the grants on the database and those on its schema public.
alter database :"database" owner to :"login";
-- Who waits for whom, and whether standbys follow: for doctor only.
grant pg_monitor to :"login";
