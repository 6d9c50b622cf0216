-- What became of the attempts. Discarded: given up, made twice, overtaken or run out of time: nothing of it was verified.

create view muster_read.attempts with (security_barrier) as
select c.id, c.task as task_id, t.number as task, p.key as project, t.class, t.risk, c.attempt, c.epoch, c.agent as agent_id, a.name as agent,
  c.model_family, coalesce(a.model, c.model_family) as model, c.claimed_at, c.ended_at, c.ended_by, c.outcome, coalesce(c.outcome in ('discarded', 'duplicate', 'superseded', 'expired'), false) as is_discarded,
  extract(epoch from c.ended_at - c.claimed_at)::double precision as seconds, c.tokens_in, c.tokens_out, c.cost_usd, c.origin
from public.os_claims c
join public.os_tasks t on t.id = c.task
join public.os_projects p on p.id = t.project and p.visibility = 'public'
left join public.os_agents a on a.id = c.agent
where c.kind = 'work' and c.ended_at is not null;

create view muster_read.discard_rates with (security_barrier) as
select case grouping(x.agent, x.model, x.class) when 3 then 'agent' when 5 then 'model' when 6 then 'class' else 'all' end as dimension,
  coalesce(case grouping(x.agent, x.model, x.class) when 3 then x.agent when 5 then x.model when 6 then x.class else 'all' end, 'unknown') as value,
  count(*)::integer as attempts,
  count(*) filter (where x.outcome = 'accepted')::integer as accepted,
  count(*) filter (where x.outcome = 'rework')::integer as rework,
  count(*) filter (where x.outcome = 'discarded')::integer as discarded,
  count(*) filter (where x.outcome = 'expired')::integer as expired,
  count(*) filter (where x.outcome = 'duplicate')::integer as duplicate,
  count(*) filter (where x.outcome = 'superseded')::integer as superseded,
  count(*) filter (where x.outcome is null)::integer as undecided,
  round(count(*) filter (where x.is_discarded)::numeric / nullif(count(*) filter (where x.outcome is not null), 0), 4)::double precision as discard_rate,
  round(count(*) filter (where x.outcome = 'rework')::numeric / nullif(count(*) filter (where x.outcome in ('accepted', 'rework')), 0), 4)::double precision as rework_rate,
  coalesce(sum(x.tokens_in), 0)::bigint as tokens_in,
  coalesce(sum(x.tokens_out), 0)::bigint as tokens_out,
  coalesce(sum(x.cost_usd), 0)::double precision as cost_usd,
  coalesce(sum(x.cost_usd) filter (where x.is_discarded), 0)::double precision as cost_discarded_usd
from muster_read.attempts x
group by grouping sets ((x.agent), (x.model), (x.class), ());

grant select on muster_read.attempts, muster_read.discard_rates to muster_portal, muster_rag;
