-- Every object of the board and of Directus by what it is, one line each: two databases with the same lines are built alike.
with spaces as (select oid, nspname from pg_namespace where nspname in ('public', 'muster', 'muster_read', 'muster_past', 'muster_at'))
select format('relation %s %s owner %s acl %s', c.relkind, c.oid::regclass, c.relowner::regrole,
    coalesce((select string_agg(x::text, ',' order by x::text) from unnest(c.relacl) x), '-')) as line
  from pg_class c join spaces s on s.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'S')
union all
select format('column %s.%s %s %s %s', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod),
    case when a.attnotnull then 'not null' else 'null' end, coalesce(pg_get_expr(d.adbin, d.adrelid), a.attidentity::text))
  from pg_class c join spaces s on s.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum where c.relkind in ('r', 'p')
union all
select format('constraint %s on %s %s %s', k.conname, k.conrelid::regclass, pg_get_constraintdef(k.oid), k.convalidated)
  from pg_constraint k join spaces s on s.oid = k.connamespace where k.contype <> 'n'
union all
select format('index %s', pg_get_indexdef(i.indexrelid)) from pg_index i join pg_class c on c.oid = i.indrelid join spaces s on s.oid = c.relnamespace
union all
select format('trigger %s %s', t.tgenabled, pg_get_triggerdef(t.oid)) from pg_trigger t join pg_class c on c.oid = t.tgrelid
  join spaces s on s.oid = c.relnamespace where not t.tgisinternal
union all
select format('function %s owner %s acl %s %s', p.oid::regprocedure, p.proowner::regrole,
    coalesce((select string_agg(x::text, ',' order by x::text) from unnest(p.proacl) x), '-'), md5(pg_get_functiondef(p.oid)))
  from pg_proc p join spaces s on s.oid = p.pronamespace where p.prokind in ('f', 'p')
union all
select format('view %s %s', c.oid::regclass, md5(pg_get_viewdef(c.oid))) from pg_class c join spaces s on s.oid = c.relnamespace where c.relkind in ('v', 'm')
order by 1
