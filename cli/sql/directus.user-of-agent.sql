-- $1 agent's name
select "user"::text as id from public.os_agents where name = $1 and "user" is not null
