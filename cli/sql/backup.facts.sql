select current_setting('server_version') as server_version, i.instance_id::text as instance_id, i.incarnation
  from muster.instance i
