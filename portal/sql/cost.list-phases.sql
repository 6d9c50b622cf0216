-- Running cost by phase; work outside phases stands last.
select t.phase, min(t.phase_name) as name, count(distinct t.id) filter (where t.status = 'done')::integer as verified,
  coalesce(sum(c.tokens_in + c.tokens_out), 0)::bigint as tokens, coalesce(sum(c.cost_usd), 0) as usd
from muster_read.claims c
join muster_read.tasks t on t.id = c.task_id
group by t.phase
order by t.phase nulls last
