-- No row before migrate; the schema itself may be absent then, which the caller asks first.
select instance_id::text as instance_id, system_identifier, incarnation from muster.instance
