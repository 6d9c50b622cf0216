begin;
set local lock_timeout = '30s';
set local role muster_owner;
