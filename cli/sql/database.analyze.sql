-- Rows that were only just loaded have no statistics: until autovacuum comes round, statements are planned for tables of another size.
analyze
