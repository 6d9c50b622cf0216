-- $1 id integer, $2 name text, $3 checksum text, $4 cli_version text
insert into muster.migrations (id, name, checksum, cli_version) values ($1, $2, $3, $4)
