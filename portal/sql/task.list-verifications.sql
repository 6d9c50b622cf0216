-- Verdicts on a task, newest first. $1 int: the task's number.
select v.attempt, v.epoch, v.agent, v.model_family, v.author, v.author_family, v.verdict, v.evidence, v.checks, v.commit_sha, v.created_at
from muster_read.verifications v
where v.task = $1
order by v.created_at desc, v.epoch desc
