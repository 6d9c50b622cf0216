-- $1 sequence, $2 its last value, null when it was never used
select case when $2::bigint is null then setval($1::regclass, s.seqstart, false) else setval($1::regclass, $2::bigint, true) end
  from pg_sequence s where s.seqrelid = $1::regclass
