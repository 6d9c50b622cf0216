\if :started
select muster.heartbeat(('00000000-0000-4000-8000-0000000002' || lpad((:client_id + 10)::text, 2, '0'))::uuid, :task::text, :fence::integer);
\else
select a #>> '{task,id}' as task, a ->> 'fence' as fence from muster.claim_next(('00000000-0000-4000-8000-0000000002' || lpad((:client_id + 10)::text, 2, '0'))::uuid, 'bench') a \gset
\set started true
\endif
