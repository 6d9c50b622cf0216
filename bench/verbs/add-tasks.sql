select muster.add_tasks($1, $2::jsonb) as answer
