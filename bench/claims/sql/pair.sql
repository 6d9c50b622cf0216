select a #>> '{task,id}' as task, a ->> 'fence' as fence from muster.claim_next(('00000000-0000-4000-8000-0000000002' || lpad((:client_id + 10)::text, 2, '0'))::uuid, 'bench') a \gset
select muster.submit(('00000000-0000-4000-8000-0000000002' || lpad((:client_id + 10)::text, 2, '0'))::uuid, :task::text, :fence::integer, '{"commit":"3f9c1e2"}');
