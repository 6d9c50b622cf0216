-- $1 the administrator's API token. Bootstrap writes this row last.
select exists (select from public.directus_users where token = $1) as present
