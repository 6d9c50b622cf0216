-- When tasks came and when they were verified, counted in equal parts of the time since the first. $1 int: parts.
with span as (
  select min(t.created_at) as start_at, max(i.server_now) as end_at from muster_read.tasks t cross join muster_read.instance i
)
select b.part, b.kind, count(*)::integer as tasks, min(s.start_at) as start_at, min(s.end_at) as end_at
from span s
cross join lateral (
  select 'created' as kind, width_bucket(extract(epoch from t.created_at), extract(epoch from s.start_at), extract(epoch from s.end_at), $1) as part
  from muster_read.tasks t where t.status <> 'cancelled'
  union all
  select 'verified', width_bucket(extract(epoch from t.done_at), extract(epoch from s.start_at), extract(epoch from s.end_at), $1)
  from muster_read.tasks t where t.status = 'done' and t.done_at is not null
) b
where s.start_at < s.end_at
group by b.part, b.kind
order by b.part, b.kind
