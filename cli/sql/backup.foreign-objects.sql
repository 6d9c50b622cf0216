-- What somebody made in the database by hand and a backup could not make again: neither the board's nor a plain table of Directus.
select format('%s %s', case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'partitioned table' end,
    c.oid::regclass) as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = 'public' and c.relkind in ('v', 'm', 'f', 'p') and c.relowner <> 'muster_owner'::regrole
union all
select format('function %s', p.oid::regprocedure) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname = 'public' and p.proowner <> 'muster_owner'::regrole
   and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
union all
select format('trigger %s on %s', t.tgname, t.tgrelid::regclass) from pg_trigger t join pg_class c on c.oid = t.tgrelid
 where not t.tgisinternal and c.relowner = 'muster_directus'::regrole
union all
select format('table %s, owned by %s', c.oid::regclass, c.relowner::regrole) from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = 'public' and c.relkind = 'r' and c.relowner not in ('muster_owner'::regrole, 'muster_directus'::regrole)
union all
select format('schema %s', n.nspname) from pg_namespace n
 where n.nspname not in ('public', 'muster', 'muster_read', 'muster_past', 'muster_at', 'information_schema') and n.nspname !~ '^pg_'
order by 1
