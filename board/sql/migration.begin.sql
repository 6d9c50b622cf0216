-- 30 s: longer than any statement of a busy board, so that a migration queues behind it but does not queue everybody for good.
begin;
set local lock_timeout = '30s';
