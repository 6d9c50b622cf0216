-- While this is held nobody raises the head of the queue: a sequence shows its newest value to every snapshot.
select pg_advisory_lock_shared(hashtext('muster.queue'), 0)
