-- $1 role name, $2 SCRAM verifier
select pg_temp.ensure_login($1, $2)
