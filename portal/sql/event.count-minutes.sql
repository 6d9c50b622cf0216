-- How many of the newest 2,000 events fell into each of the last minutes. $1 timestamptz: the page's instant; $2 int: how many minutes.
select floor(extract(epoch from $1::timestamptz - n.at) / 60)::integer as minutes_ago, count(*)::integer as events
from muster_read.newest_events n
where n.at > $1::timestamptz - make_interval(mins => $2::integer) and n.at <= $1::timestamptz
group by minutes_ago
order by minutes_ago
