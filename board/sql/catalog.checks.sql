select format('%I.%I %I', n.nspname, c.relname, k.conname) as key,
  jsonb_build_object('definition', pg_get_constraintdef(k.oid), 'validated', k.convalidated, 'enforced', k.conenforced) as value
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
where (n.nspname = 'muster' or n.nspname = 'public' and c.relname like 'os\_%') and k.contype = 'c'
order by key
