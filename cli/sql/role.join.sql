-- $1 role in whose name the administrator works. Nothing for a superuser, who is in every role.
select pg_temp.join_role($1)
