-- $1 instance uuid: a restored board belongs to the instance and the cluster that it was restored into. $2 highest incarnation that the
-- instance ever had: the next one is above it, so that no two lives of an instance have the same number, whichever backup is restored how often.
update muster.instance set instance_id = $1::uuid, incarnation = greatest(incarnation, $2::integer),
  system_identifier = case when system_identifier is null then null else (select c.system_identifier::text from pg_control_system() c) end
