-- All tasks, counted by what they can be told apart by.
select g.project, g.phase, g.status, g.class, g.priority, g.risk, g.tasks from muster_read.task_groups g
