select format('create database %I', $1::text) as statement
