select format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as key,
  jsonb_build_object('owner', pg_get_userbyid(p.proowner), 'security_definer', p.prosecdef, 'settings', to_jsonb(p.proconfig),
    'source', encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex')) as value
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where n.nspname in ('muster', 'muster_read')
order by key
