-- One page is read at one instant: every query of a page sees the same rows.
begin transaction isolation level repeatable read read only
