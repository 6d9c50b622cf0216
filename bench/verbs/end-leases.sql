delete from muster.leases
