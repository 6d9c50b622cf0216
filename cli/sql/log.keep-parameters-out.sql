-- A slow statement is logged with its parameters; the next one carries a token. Only a superuser may say so: where Postgres runs elsewhere,
-- its administrator decides what is logged.
do $$
begin
  set log_min_duration_statement = -1;
exception when insufficient_privilege then
  null;
end $$
