select format('%I.%I', s.schemaname, s.sequencename) as name, s.last_value::text as last_value
  from pg_sequences s where s.schemaname in ('public', 'muster') order by 1
