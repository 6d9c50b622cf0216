-- A slow statement is logged with its parameters; the next one carries a token.
set log_min_duration_statement = -1
