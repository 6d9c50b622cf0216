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
  -- Only a superuser may name these attributes at all, and only who may make databases that one.
  if exists (select from pg_catalog.pg_roles where rolname = role_name and (rolsuper or rolcreatedb or rolcreaterole)) then
    execute format('alter role %I nosuperuser nocreatedb nocreaterole', role_name);
  end if;
  execute format('alter role %I login password %L', role_name, verifier);
end
$$;

create or replace function pg_temp.join_role(role_name text) returns void
  language plpgsql as $$
begin
  if not (pg_catalog.pg_has_role(current_user, role_name, 'usage') and pg_catalog.pg_has_role(current_user, role_name, 'set')) then
    execute format('grant %I to current_user with inherit true, set true', role_name);
  end if;
end
$$;

create or replace function pg_temp.set_password(role_name text, verifier text) returns void
  language plpgsql as $$
begin
  execute format('alter role %I password %L', role_name, verifier);
end
$$;
