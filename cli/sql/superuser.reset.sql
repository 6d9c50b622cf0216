alter role postgres password ':verifier'
