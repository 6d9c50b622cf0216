-- The fleet: who may hold a claim.
select name, "user"::text as "user", status from public.os_agents order by name
