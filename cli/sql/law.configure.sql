-- $1 setting name, $2 value as JSON text. True when it changed.
select muster.set_config($1, $2::jsonb) as changed
