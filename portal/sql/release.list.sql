-- Releases, newest first; planned ones before them.
select r.repository, r.repository_url, r.project, r.version, r.name, r.status, r.commit_sha, r.notes, r.released_at
from muster_read.releases r
order by r.released_at desc nulls first, r.repository, r.version desc
limit 500
