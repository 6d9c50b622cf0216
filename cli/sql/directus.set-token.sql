-- $1 user id, $2 static token
update public.directus_users set token = $2 where id = $1::uuid
