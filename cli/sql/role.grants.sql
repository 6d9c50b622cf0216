-- Who may enter the database at all, and where Directus makes its own tables. Idempotent.
revoke all on database muster from public;
revoke all on schema public from public;
grant connect on database muster to muster_owner, muster_directus, muster_portal, muster_rag;
grant usage, create on schema public to muster_directus;
