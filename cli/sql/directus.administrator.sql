-- $1 address of the administrator that the installation made
select id::text as id, password from public.directus_users where email = lower($1) and status = 'active'
