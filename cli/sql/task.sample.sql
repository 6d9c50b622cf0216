-- One task that the portal's board must show, by the portal's own view.
select number, title from muster_read.tasks where status not in ('cancelled') order by (status = 'done'), number limit 1
