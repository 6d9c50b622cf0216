-- How claims ended, by outcome where there is one, else by how they ended. $1 agent: text or null for all.
select coalesce(c.outcome, c.ended_by) as ending, count(*)::integer as claims
from muster_read.claims c
where c.ended_at is not null and ($1::text is null or c.agent = $1)
group by coalesce(c.outcome, c.ended_by)
order by ending
