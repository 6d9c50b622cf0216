-- Takes out of the queue what stands behind the first $1. The tasks stay; nobody claims them.
delete from muster.queue q where q.task in (select x.task from muster.queue x order by x.rank offset $1)
