-- The two Directus fields that the law trusts, per collection: they must keep their specials.
select collection, field, special
from public.directus_fields
where collection = 'os_tasks' and field in ('user_updated', 'date_updated', 'user_created', 'date_created')
order by field
