-- One migration run per database at a time; the second waits. The pair is ours alone ("must", 1).
select pg_advisory_lock(1836413812, 1)
