select muster.claim($1, $2, $3, '{}', $4) as answer
