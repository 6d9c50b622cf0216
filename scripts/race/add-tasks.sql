select muster.add_tasks($1, $2) as answer
