-- Tables, views and sequences of the board: kind, owner, and for a view the hash of its definition.
select format('%I.%I', n.nspname, c.relname) as key,
  jsonb_strip_nulls(jsonb_build_object(
    'kind', case c.relkind when 'r' then 'table' when 'v' then 'view' when 'S' then 'sequence' else c.relkind::text end,
    'owner', pg_get_userbyid(c.relowner),
    'options', to_jsonb(c.reloptions),
    'definition', case c.relkind when 'v' then encode(sha256(convert_to(pg_get_viewdef(c.oid), 'UTF8')), 'hex') end)) as value
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where (n.nspname in ('muster', 'muster_read') or n.nspname = 'public' and c.relname like 'os\_%') and c.relkind in ('r', 'v', 'S', 'm', 'p', 'f')
order by key
