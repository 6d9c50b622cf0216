select name, rows::text as rows, content, copy_out, copy_in from pg_temp.backup_tables()
