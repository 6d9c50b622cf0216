-- The encoding and the builtin C.UTF-8 locale come from the cluster.
create database muster
