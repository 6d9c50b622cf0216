select coalesce(max(t.number), 0) + 1 as first from public.os_tasks t
