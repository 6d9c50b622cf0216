-- Tasks of a release's project that were verified after the repository's release before it and up to it.
-- $1 repository, $2 version: text.
select t.number, t.title, t.done_at, t.receipt
from muster_read.releases r
join muster_read.tasks t on t.project = r.project and t.status = 'done'
left join lateral (
  select max(p.released_at) as at from muster_read.releases p where p.repository = r.repository and p.released_at < r.released_at
) before on true
where r.repository = $1 and r.version = $2 and r.released_at is not null and t.done_at <= r.released_at
  and t.done_at > coalesce(before.at, '-infinity'::timestamptz)
order by t.done_at desc, t.number desc
limit 500
