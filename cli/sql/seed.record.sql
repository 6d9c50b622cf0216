-- Records what was applied.
-- $1 name text, $2 content_hash text, $3 rows integer
insert into muster.seeds (name, content_hash, rows)
values ($1, $2, $3)
on conflict (name) do update
  set content_hash = excluded.content_hash, rows = excluded.rows, applied_at = clock_timestamp();
