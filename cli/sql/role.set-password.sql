-- $1 role name, $2 SCRAM verifier
select pg_temp.set_password($1, $2)
