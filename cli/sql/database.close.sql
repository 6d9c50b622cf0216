alter database muster allow_connections false
