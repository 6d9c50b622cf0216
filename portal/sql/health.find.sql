-- The instance of the board, and the views among the given ones that are there and that this role may not select from. $1 text[]: their
-- names with schema. No row until migrate has recorded the instance.
select i.instance_id,
  array(select n.name from unnest($1::text[]) n (name) where not has_table_privilege(to_regclass(n.name), 'select') order by n.name) as refused
from muster_read.instance i
