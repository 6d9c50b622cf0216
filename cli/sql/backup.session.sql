-- Rows are hashed as text, so how values become text must not depend on anybody's settings.
set datestyle = 'ISO, MDY';
set intervalstyle = 'postgres';
set timezone = 'UTC';
set bytea_output = 'hex';
set extra_float_digits = 1;
set search_path = public;

create or replace function pg_temp.backup_tables() returns table (name text, rows bigint, content text, copy_out text, copy_in text)
  language plpgsql as $$
declare
  target record;
begin
  for target in
    select format('%I.%I', n.nspname, c.relname) as name,
      (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('public', 'muster') and c.relkind in ('r', 'p') and not c.relispartition
      order by n.nspname, c.relname
  loop
    name := target.name;
    copy_out := format('copy (select %s from %s) to stdout', target.columns, target.name);
    copy_in := format('copy %s (%s) from stdin', target.name, target.columns);
    -- A sum does not depend on the order of rows; 64 bits a row tell any accident.
    execute format('select count(*), coalesce(sum(hashtextextended(x::text, 0)::numeric), 0)::text from (select %s from %s) x',
      target.columns, target.name) into rows, content;
    return next;
  end loop;
end
$$;

create or replace function pg_temp.clear_tables() returns void
  language plpgsql as $$
declare
  target record;
begin
  for target in select name from pg_temp.backup_tables() as t where t.rows > 0 loop
    execute format('delete from %s', target.name);
  end loop;
end
$$;
