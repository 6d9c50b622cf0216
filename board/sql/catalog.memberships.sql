-- Who may act as whom among our roles, but for who asks: the database's administrator. None is the right answer.
select format('%s in %s', m.rolname, r.rolname) as key, jsonb_build_object('inherit', a.inherit_option, 'set', a.set_option) as value
from pg_auth_members a
join pg_roles m on m.oid = a.member
join pg_roles r on r.oid = a.roleid
where (m.rolname like 'muster\_%' or r.rolname like 'muster\_%') and m.rolname <> current_user
order by key
