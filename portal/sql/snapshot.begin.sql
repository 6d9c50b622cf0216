-- One page is read at one instant: every query of a page sees the same rows. Answers what it sees: two transactions with the
-- same snapshot, in one run of the server, see the same rows, because nothing was written in between.
begin transaction isolation level repeatable read read only;
select concat_ws(' ', current_database(), pg_postmaster_start_time(), pg_current_snapshot()) as seen
