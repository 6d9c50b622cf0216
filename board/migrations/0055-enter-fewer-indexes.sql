-- A claim and a submission enter the task's new version into each of its indexes, and an attempt into each of its own.

-- One index in place of two: of all projects it answers for a status as well, since Postgres skips from project to project.
drop index public.os_tasks_status_index;
drop index public.os_tasks_project_index;
create index os_tasks_project_status_index on public.os_tasks (project, status);

-- Attempts in the order of their time: their key is entered at its end, on the page that the one before has just used.
alter table public.os_claims alter column id set default uuidv7();
