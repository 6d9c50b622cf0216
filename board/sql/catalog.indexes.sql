-- Primary and unique keys are indexes too.
select format('%I.%I', n.nspname, i.relname) as key,
  jsonb_build_object('definition', pg_get_indexdef(x.indexrelid), 'valid', x.indisvalid and x.indisready) as value
from pg_index x
join pg_class i on i.oid = x.indexrelid
join pg_class c on c.oid = x.indrelid
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'muster' or n.nspname = 'public' and c.relname like 'os\_%'
order by key
