select pg_advisory_unlock(1836413812, 1)
