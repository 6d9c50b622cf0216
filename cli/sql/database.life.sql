-- Which database this is, whatever it is called, and in which of its lives.
select d.oid::text as database, (select i.incarnation from muster.instance i) as incarnation
from pg_database d where d.datname = current_database()
