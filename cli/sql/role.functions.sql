-- Helpers of this session only. A verifier comes as a parameter, so no password is ever part of a statement's text.
create or replace function pg_temp.ensure_group(role_name text) returns void
  language plpgsql as $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = role_name) then
    execute format('create role %I nologin', role_name);
  end if;
end
$$;

create or replace function pg_temp.ensure_login(role_name text, verifier text) returns void
  language plpgsql as $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = role_name) then
    execute format('create role %I login', role_name);
  end if;
  execute format('alter role %I login nosuperuser nocreatedb nocreaterole password %L', role_name, verifier);
end
$$;

create or replace function pg_temp.set_password(role_name text, verifier text) returns void
  language plpgsql as $$
begin
  execute format('alter role %I password %L', role_name, verifier);
end
$$;
