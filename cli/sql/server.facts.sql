-- One row: what the server is and how its data was made.
select
  current_setting('server_version_num')::int as version_number,
  current_setting('data_checksums') as data_checksums,
  current_setting('listen_addresses') as listen_addresses,
  current_setting('password_encryption') as password_encryption,
  (select system_identifier::text from pg_control_system()) as system_identifier,
  (select coalesce(sum(checksum_failures), 0)::int from pg_stat_database) as checksum_failures,
  (select datlocprovider::text || ' ' || coalesce(datlocale, datcollate) from pg_database where datname = current_database()) as locale
