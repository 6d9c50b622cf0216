-- One row: what a Postgres that runs elsewhere is, and what our login may do there. Changes nothing and needs no right but to connect.
with ours (name) as (values ('muster_owner'), ('muster_directus'), ('muster_portal'), ('muster_rag')),
administered (name) as (values ('muster_owner'), ('muster_directus')),
me as (select oid, rolsuper, rolcreaterole from pg_roles where rolname = current_user)
select
  current_setting('server_version_num')::int as version_number,
  pg_is_in_recovery() as is_standby,
  current_setting('transaction_read_only') = 'on' as is_read_only,
  pg_encoding_to_char(d.encoding) as encoding,
  d.datlocprovider::text || ' ' || coalesce(d.datlocale, d.datcollate) as locale,
  current_setting('password_encryption') as password_encryption,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as connections,
  current_setting('synchronous_commit') as synchronous_commit,
  current_setting('synchronous_standby_names') as synchronous_standby_names,
  me.rolsuper as is_superuser,
  me.rolsuper or me.rolcreaterole as makes_roles,
  pg_has_role(current_user, d.datdba, 'usage') as owns_database,
  array(select o.name from ours o where not exists (select from pg_roles r where r.rolname = o.name) order by 1) as missing_roles,
  -- Roles that we work in the name of, where we neither do nor may give ourselves the right to.
  array(
    select r.rolname::text from administered a join pg_roles r on r.rolname = a.name
    where not (pg_has_role(current_user, r.oid, 'usage') and pg_has_role(current_user, r.oid, 'set'))
      and not pg_has_role(current_user, r.oid, 'usage with admin option')
    order by 1) as closed_roles,
  -- Roles whose password we could not set.
  array(
    select r.rolname::text from ours o join pg_roles r on r.rolname = o.name
    where not (me.rolsuper or me.rolcreaterole and pg_has_role(current_user, r.oid, 'usage with admin option'))
    order by 1) as fixed_roles,
  to_regclass('muster.instance') is not null as has_board
from me, pg_database d
where d.datname = current_database()
