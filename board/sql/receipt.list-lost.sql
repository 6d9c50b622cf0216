-- Receipts whose writing is in the events, but which are gone.
select (e.after ->> 'number')::integer as number, e.after ->> 'hash' as hash
from public.os_events e
where e.entity = 'os_receipts' and e.version = 1 and not exists (select from public.os_receipts r where r.id = e.entity_id)
order by 1
