-- What time it is on the database's clock, in milliseconds since 1970.
select (extract(epoch from clock_timestamp()) * 1000)::float8 as now
