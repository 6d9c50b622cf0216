select u.id from public.directus_users u where muster.is_steward(u.id) order by u.id limit 1
