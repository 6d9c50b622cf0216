-- Writes the history of a profile; says how many rows were inserted and updated in each collection.
-- $1 document jsonb
select muster.import_history($1::jsonb) as result;
