-- As autovacuum leaves a board at rest.
vacuum analyze
