select format('%I.%I %I', n.nspname, c.relname, t.tgname) as key,
  jsonb_build_object('definition', pg_get_triggerdef(t.oid), 'enabled', t.tgenabled = 'O') as value
from pg_trigger t
join pg_class c on c.oid = t.tgrelid
join pg_namespace n on n.oid = c.relnamespace
where (n.nspname = 'muster' or n.nspname = 'public' and c.relname like 'os\_%') and not t.tgisinternal
order by key
