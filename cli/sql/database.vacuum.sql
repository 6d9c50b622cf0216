-- Rows that were only just loaded have no statistics, and no page is known to be visible to all: until autovacuum comes round, statements are planned for
-- tables of another size, and each row that an index alone could have counted is looked up in its table.
vacuum (analyze)
