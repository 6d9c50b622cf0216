-- The table that remembers which migrations ran. Runs before the first migration, as superuser.
create schema if not exists muster authorization muster_owner;
create table if not exists muster.migrations (
  id integer not null constraint migrations_pkey primary key,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default clock_timestamp(),
  cli_version text not null
);
alter table muster.migrations owner to muster_owner;
