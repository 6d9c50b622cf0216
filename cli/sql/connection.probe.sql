-- Who am I, and over what: a row proves that the role's password opens this database over TCP.
select current_user as role, inet_server_port() as port
