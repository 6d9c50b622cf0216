-- $1 instance uuid: a restored board belongs to the instance and the cluster that it was restored into
update muster.instance set instance_id = $1::uuid,
  system_identifier = case when system_identifier is null then null else (select c.system_identifier::text from pg_control_system() c) end
