-- $1: the agent. $2: its session. $3: key of the race's project, so that no other work is touched. $4: operation id, or null.
select muster.claim_next($1, $2, jsonb_build_object('project', $3::text), $4) as answer
