--! as superuser
-- Who owns what: Directus owns its own tables, muster_owner owns the board and its law, so that no login can switch a rule off.
-- Roles come from cli/sql/role.*.sql, because Directus logs in before the first migration runs.

create schema if not exists muster authorization muster_owner;
create schema if not exists muster_read authorization muster_owner;
grant usage, create on schema public to muster_owner;

-- Keys onto Directus users, and the question "is this user a steward?"; nothing else of them.
grant references (id), select (id, role, status) on public.directus_users to muster_owner;

-- Functions are executable by everybody unless said otherwise.
alter default privileges for role muster_owner revoke execute on functions from public;
