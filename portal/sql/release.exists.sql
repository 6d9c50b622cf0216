-- $1 text: a repository's key, $2 text: a version.
select exists (select from muster_read.releases where repository = $1 and version = $2) as exists
