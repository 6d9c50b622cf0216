-- The server's clock at which the page is read, and what the reading sees. No row until migrate has recorded the instance.
select i.server_now, pg_current_snapshot()::text as snapshot from muster_read.instance i
