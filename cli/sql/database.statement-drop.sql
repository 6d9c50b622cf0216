select format('drop database if exists %I with (force)', $1::text) as statement
