-- Everything that anybody but the owner may do with a board object, and what our roles may do in public and on Directus's users.
with held (object, acl, owner) as (
  select 'schema ' || quote_ident(n.nspname), coalesce(n.nspacl, acldefault('n', n.nspowner)), n.nspowner
    from pg_namespace n where n.nspname in ('public', 'muster', 'muster_read')
  union all
  select format('%I.%I', n.nspname, c.relname), coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner)), c.relowner
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where (n.nspname in ('muster', 'muster_read') or n.nspname = 'public' and c.relname like 'os\_%') and c.relkind in ('r', 'v', 'S')
  union all
  select format('%I.%I.%I', n.nspname, c.relname, a.attname), a.attacl, c.relowner
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where (n.nspname in ('muster', 'muster_read') or n.nspname = 'public' and (c.relname like 'os\_%' or c.relname = 'directus_users'))
      and a.attacl is not null
  union all
  select format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), coalesce(p.proacl, acldefault('f', p.proowner)), p.proowner
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('muster', 'muster_read')
)
select format('%s: %s on %s', case g.grantee when 0 then 'public' else pg_get_userbyid(g.grantee) end, lower(g.privilege_type), h.object) as key,
  jsonb_build_object('grantable', bool_or(g.is_grantable)) as value
from held h
cross join lateral aclexplode(h.acl) g
where g.grantee <> h.owner and pg_get_userbyid(g.grantee) not in ('postgres', 'pg_database_owner', current_user)
group by 1
order by key
