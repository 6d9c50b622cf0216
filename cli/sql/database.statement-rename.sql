select format('alter database %I rename to %I', $1::text, $2::text) as statement
