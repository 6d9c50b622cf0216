-- muster.import_history finds a task that a claim or note names by its number as text: without this it reads every task for each of them.
create index operations_fill_index on public.os_tasks ((number::text))
