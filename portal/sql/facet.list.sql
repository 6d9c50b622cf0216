-- Values that the board can be filtered by.
select 'phase' as facet, h.key as value, min(h.name) as name from muster_read.phases h group by h.key
union all
select 'agent', a.name, a.title from muster_read.agents a
union all
select 'family', a.model_family, null from muster_read.agents a group by a.model_family
order by facet, value
