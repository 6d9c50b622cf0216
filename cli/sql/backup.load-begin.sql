-- The rows were judged when they were first written: neither law nor foreign keys judge them again, in whatever order they come.
set session_replication_role = 'replica'
