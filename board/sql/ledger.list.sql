select id, name, checksum, applied_at, cli_version from muster.migrations order by id
