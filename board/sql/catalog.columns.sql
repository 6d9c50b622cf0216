select format('%I.%I.%I', n.nspname, c.relname, a.attname) as key,
  jsonb_strip_nulls(jsonb_build_object(
    'type', format_type(a.atttypid, a.atttypmod),
    'nullable', not a.attnotnull,
    'identity', nullif(a.attidentity, ''),
    'default', pg_get_expr(d.adbin, d.adrelid))) as value
from pg_attribute a
join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'v')
join pg_namespace n on n.oid = c.relnamespace
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where (n.nspname in ('muster', 'muster_read') or n.nspname = 'public' and c.relname like 'os\_%') and a.attnum > 0 and not a.attisdropped
order by key
