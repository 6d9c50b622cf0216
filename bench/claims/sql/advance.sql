\if :started
select a #>> '{next,task,id}' as task, a #>> '{next,fence}' as fence from muster.advance(('00000000-0000-4000-8000-0000000002' || lpad((:client_id + 10)::text, 2, '0'))::uuid, 'bench', jsonb_build_object('task', :task::text, 'fence', :fence::integer, 'commit', '3f9c1e2')) a \gset
\else
select a #>> '{task,id}' as task, a ->> 'fence' as fence from muster.claim_next(('00000000-0000-4000-8000-0000000002' || lpad((:client_id + 10)::text, 2, '0'))::uuid, 'bench') a \gset
\set started true
\endif
