-- Only ever run while schema muster does not exist: then nothing in the database is anybody's work.
drop owned by muster_directus cascade
