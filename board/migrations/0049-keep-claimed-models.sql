-- The discard rate by model moved when an agent took another model: its past attempts were counted for the new one. What the agent's model
-- was when it claimed stands in its trail: before its first change since then, else it is the present one.

create or replace view muster_read.attempts with (security_barrier) as
select c.id, c.task as task_id, t.number as task, p.key as project, t.class, t.risk, c.attempt, c.epoch, c.agent as agent_id, a.name as agent,
  c.model_family, coalesce(case when later.before is null then a.model else later.before ->> 'model' end, c.model_family) as model,
  c.claimed_at, c.ended_at, c.ended_by, c.outcome, coalesce(c.outcome in ('discarded', 'duplicate', 'superseded', 'expired'), false) as is_discarded,
  extract(epoch from c.ended_at - c.claimed_at)::double precision as seconds, c.tokens_in, c.tokens_out, c.cost_usd, c.origin
from public.os_claims c
join public.os_tasks t on t.id = c.task
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_agents a on a.id = c.agent
left join lateral (
  select e.before from public.os_events e
    where e.entity = 'os_agents' and e.entity_id = c.agent and e.at > c.claimed_at and e.before ? 'model'
    order by e.version limit 1
) later on true
where c.kind = 'work' and c.ended_at is not null;
