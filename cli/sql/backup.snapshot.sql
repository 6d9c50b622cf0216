-- Everything is read as of one moment, so that no row refers to one that the backup lacks.
begin isolation level repeatable read read only
