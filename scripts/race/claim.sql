select muster.claim($1, $2, $3) as answer
