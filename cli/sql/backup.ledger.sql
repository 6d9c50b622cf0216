select id, name, checksum from muster.migrations order by id
