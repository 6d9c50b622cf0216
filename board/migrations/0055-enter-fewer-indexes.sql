-- A claim and a submission enter the task's new version into each of its indexes, and an attempt into each of its own.

-- One index in place of two: of all projects it answers for a status as well, since Postgres skips from project to project.
drop index public.os_tasks_status_index;
drop index public.os_tasks_project_index;
create index os_tasks_project_status_index on public.os_tasks (project, status);

-- Keys in the order of their time. Tasks are claimed in about the order in which they came: their entries, and those of their events, attempts
-- and leases, then lie beside the ones that were touched just before, and not on a page of their own each.
alter table public.os_tasks alter column id set default uuidv7();
alter table public.os_claims alter column id set default uuidv7();
