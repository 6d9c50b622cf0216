-- $1: a steward. $2: ids of the tasks.
select muster.cancel($1, t.id::text, 'The race is over.') from unnest($2::uuid[]) t (id)
