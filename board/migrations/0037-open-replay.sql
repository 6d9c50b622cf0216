--! as superuser
-- Two schemas for the board as it was: muster_past holds rows of an earlier instant and is nobody's to read; muster_at has the views on them.

create schema if not exists muster_past authorization muster_owner;
create schema if not exists muster_at authorization muster_owner;
