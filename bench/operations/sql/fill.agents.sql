-- Agents that can log in, by family; those of the profile.
select a.name, a.model_family as family from public.os_agents a where a."user" is not null and a.model_family is not null order by a.name
