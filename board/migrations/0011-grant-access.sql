-- Who may touch what. Directus writes rows and owns no rule; events, claims and receipts it can only read; nobody deletes.

revoke all on all tables in schema muster from public;
revoke all on all functions in schema muster from public;

do $$
declare
  relation text;
begin
  foreach relation in array array[
    'os_organizations', 'os_contacts', 'os_repositories', 'os_projects', 'os_phases', 'os_agents', 'os_sessions', 'os_releases',
    'os_prompts', 'os_tasks', 'os_task_dependencies', 'os_notes', 'os_verifications', 'os_reservations', 'os_usage'
  ] loop
    execute format('grant select, insert, update on public.%I to muster_directus', relation);
  end loop;
end $$;
grant select on public.os_claims, public.os_events, public.os_receipts to muster_directus;
