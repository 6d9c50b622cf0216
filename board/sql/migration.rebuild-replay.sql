-- And come back as the migration has left tables and views.
do $$
begin
  if to_regprocedure('muster.rebuild_replay()') is not null then
    set local role muster_owner;
    perform muster.rebuild_replay();
    reset role;
  end if;
end $$
