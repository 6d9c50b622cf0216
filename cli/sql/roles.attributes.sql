-- Login roles of ours with the rights that none of them may have; not who asks, who administers them.
select rolname as role, rolsuper as superuser, rolcreaterole as create_role, rolcreatedb as create_database,
       rolbypassrls as bypass_rls, rolreplication as replication
from pg_roles
where rolname like 'muster\_%' and rolname <> current_user
order by rolname
