-- The seed ledger.
select name, content_hash from muster.seeds order by name;
