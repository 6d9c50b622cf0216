-- The views of the board as it was hang on every column of it: they step aside for a migration, in its transaction.
do $$
begin
  if to_regprocedure('muster.drop_replay()') is not null then
    perform muster.drop_replay();
  end if;
end $$
