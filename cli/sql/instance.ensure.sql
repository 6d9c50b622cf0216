-- $1 instance uuid. True when the row was made; another instance's database is refused.
select muster.ensure_instance($1::uuid) as made
