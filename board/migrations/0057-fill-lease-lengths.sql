-- A lease knows its own length since 0017; one that was held then did not, and its next heartbeat cut it to 900 s.

update muster.leases l set seconds = t.lease_seconds from public.os_tasks t where t.id = l.task and l.seconds is null;
