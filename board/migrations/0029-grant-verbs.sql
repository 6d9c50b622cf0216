-- The verbs that a service may call. Everything else in schema muster stays the owner's.

revoke all on all tables in schema muster from public;
revoke all on all sequences in schema muster from public;
revoke all on all functions in schema muster from public;
grant usage on schema muster to muster_directus;

do $$
declare
  verb text;
  signature regprocedure;
begin
  foreach verb in array array[
    'claim_next', 'claim', 'claim_many', 'heartbeat', 'heartbeat_many', 'check_fence', 'submit', 'release', 'fail_task', 'block', 'verdict',
    'complete_many', 'advance', 'keep_late', 'steal', 'reopen', 'cancel', 'add_task', 'add_tasks', 'add_dependency', 'remove_dependency',
    'add_note', 'reserve_paths', 'release_paths', 'report_usage', 'join_session', 'end_session', 'show_task', 'tick', 'apply_op', 'events_since'
  ] loop
    select p.oid::regprocedure into strict signature from pg_proc p where p.pronamespace = 'muster'::regnamespace and p.proname = verb;
    execute format('grant execute on function %s to muster_directus', signature);
  end loop;
end $$;
