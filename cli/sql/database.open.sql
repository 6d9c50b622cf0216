alter database muster allow_connections true
