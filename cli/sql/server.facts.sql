-- One row: what the server is and how its data was made.
select
  current_setting('server_version_num')::int as version_number,
  current_setting('data_checksums') as data_checksums,
  current_setting('listen_addresses') as listen_addresses,
  current_setting('password_encryption') as password_encryption,
  (select system_identifier::text from pg_control_system()) as system_identifier,
  (select coalesce(sum(checksum_failures), 0)::int from pg_stat_database) as checksum_failures,
  case when current_setting('autovacuum') = 'on' and current_setting('track_counts') = 'on' then 'on' else 'off' end as autovacuum,
  -- Null: who asks may not see what other processes are.
  case when pg_has_role(current_user, 'pg_read_all_stats', 'usage')
    then exists (select from pg_stat_activity where backend_type = 'autovacuum launcher') end as has_launcher,
  (select max(greatest(age(datfrozenxid), mxid_age(datminmxid)))::int from pg_database) as xid_age,
  (select datlocprovider::text || ' ' || coalesce(datlocale, datcollate) from pg_database where datname = current_database()) as locale
