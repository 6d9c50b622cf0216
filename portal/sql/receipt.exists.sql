-- $1 int: a receipt's number.
select exists (select from muster_read.receipts where number = $1) as exists
