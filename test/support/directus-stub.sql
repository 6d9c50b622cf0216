-- What the board knows of Directus, for tests that need Postgres alone: its users table, owned by its role, and the grants that the
-- embedded driver makes before Directus first starts.
revoke all on schema public from public;
grant usage, create on schema public to muster_directus;
set role muster_directus;
create table public.directus_roles (id uuid primary key, name text not null);
create table public.directus_users (
  id uuid primary key,
  role uuid references public.directus_roles (id),
  status text not null default 'active',
  token text
);
reset role;
