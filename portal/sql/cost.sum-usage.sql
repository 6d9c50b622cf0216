-- What was paid for hosting and for building, apart from running.
select u.kind, count(*)::integer as entries, coalesce(sum(u.cost_usd), 0) as usd, min(u.at) as first_at, max(u.at) as last_at
from muster_read.usage u
where u.kind in ('hosting', 'build')
group by u.kind
order by u.kind
