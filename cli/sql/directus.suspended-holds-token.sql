-- $1 user's uuid, $2 a token: true or false when the user is suspended, no row when it is not.
select token = $2 as holds from public.directus_users where id = $1::uuid and status = 'suspended'
