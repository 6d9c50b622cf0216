-- Keys of the projects that may be seen.
select p.key from muster_read.projects p
