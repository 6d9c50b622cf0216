-- The payload is put together here and not by a function of the board: see event.list-links.
select r.number, r.task::text, r.prev_hash, r.hash,
  (to_jsonb(r) - array['id', 'prev_hash', 'hash'] || jsonb_build_object('issued_at', (r.issued_at at time zone 'UTC')::text))::text as payload
from public.os_receipts r
order by r.number
