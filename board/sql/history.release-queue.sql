select pg_advisory_unlock_shared(hashtext('muster.queue'), 0)
