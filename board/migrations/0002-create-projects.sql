-- What work belongs to and who does it. user_created and user_updated are stamps, no foreign keys: they must outlive the user.

create table public.os_organizations (
  id uuid not null default gen_random_uuid() constraint os_organizations_pkey primary key,
  key text not null constraint os_organizations_key_key unique,
  name text not null,
  summary text,
  user_created uuid,
  date_created timestamptz not null default now(),
  user_updated uuid,
  date_updated timestamptz
);

create table public.os_contacts (
  id uuid not null default gen_random_uuid() constraint os_contacts_pkey primary key,
  organization uuid not null constraint os_contacts_organization_fkey references public.os_organizations (id),
  name text not null,
  role text,
  email text,
  note text,
  user_created uuid,
  date_created timestamptz not null default now(),
  user_updated uuid,
  date_updated timestamptz,
  constraint os_contacts_organization_name_key unique (organization, name)
);

create table public.os_repositories (
  id uuid not null default gen_random_uuid() constraint os_repositories_pkey primary key,
  key text not null constraint os_repositories_key_key unique,
  name text not null,
  url text,
  default_branch text not null default 'main',
  user_created uuid,
  date_created timestamptz not null default now(),
  user_updated uuid,
  date_updated timestamptz
);

create table public.os_projects (
  id uuid not null default gen_random_uuid() constraint os_projects_pkey primary key,
  key text not null constraint os_projects_key_key unique,
  name text not null,
  summary text,
  status text not null default 'active' constraint os_projects_status_check check (status in ('active', 'archived')),
  visibility text not null default 'public'
    constraint os_projects_visibility_check check (visibility in ('public', 'private')),
  organization uuid constraint os_projects_organization_fkey references public.os_organizations (id),
  repository uuid constraint os_projects_repository_fkey references public.os_repositories (id),
  sort integer,
  user_created uuid,
  date_created timestamptz not null default now(),
  user_updated uuid,
  date_updated timestamptz
);
create index os_projects_organization_index on public.os_projects (organization);
create index os_projects_repository_index on public.os_projects (repository);

create table public.os_phases (
  id uuid not null default gen_random_uuid() constraint os_phases_pkey primary key,
  project uuid not null constraint os_phases_project_fkey references public.os_projects (id),
  key text not null,
  name text not null,
  summary text,
  status text not null default 'planned'
    constraint os_phases_status_check check (status in ('planned', 'active', 'verified')),
  sort integer,
  started_at timestamptz,
  verified_at timestamptz,
  user_created uuid,
  date_created timestamptz not null default now(),
  user_updated uuid,
  date_updated timestamptz,
  constraint os_phases_project_key_key unique (project, key)
);

create table public.os_agents (
  id uuid not null default gen_random_uuid() constraint os_agents_pkey primary key,
  "user" uuid constraint os_agents_user_key unique constraint os_agents_user_fkey references public.directus_users (id),
  name text not null constraint os_agents_name_key unique,
  title text,
  model_family text not null,
  model text,
  status text not null default 'active' constraint os_agents_status_check check (status in ('active', 'suspended')),
  capabilities jsonb not null default '[]'
    constraint os_agents_capabilities_check check (jsonb_typeof(capabilities) = 'array'),
  max_wip integer not null default 2 constraint os_agents_max_wip_check check (max_wip between 0 and 100),
  last_seen_at timestamptz,
  user_created uuid,
  date_created timestamptz not null default now(),
  user_updated uuid,
  date_updated timestamptz
);

create table public.os_sessions (
  id uuid not null default gen_random_uuid() constraint os_sessions_pkey primary key,
  agent uuid not null constraint os_sessions_agent_fkey references public.os_agents (id),
  session text not null,
  client text,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  constitution_version text,
  constitution_hash text,
  user_created uuid,
  date_created timestamptz not null default now(),
  user_updated uuid,
  date_updated timestamptz,
  constraint os_sessions_agent_session_key unique (agent, session)
);

create table public.os_releases (
  id uuid not null default gen_random_uuid() constraint os_releases_pkey primary key,
  repository uuid not null constraint os_releases_repository_fkey references public.os_repositories (id),
  project uuid constraint os_releases_project_fkey references public.os_projects (id),
  version text not null,
  name text,
  status text not null default 'planned' constraint os_releases_status_check check (status in ('planned', 'released')),
  commit_sha text,
  notes text,
  released_at timestamptz,
  user_created uuid,
  date_created timestamptz not null default now(),
  user_updated uuid,
  date_updated timestamptz,
  constraint os_releases_repository_version_key unique (repository, version)
);
create index os_releases_project_index on public.os_releases (project);

create table public.os_prompts (
  id uuid not null default gen_random_uuid() constraint os_prompts_pkey primary key,
  name text not null constraint os_prompts_name_key unique,
  description text,
  system_prompt text,
  messages jsonb not null default '[]' constraint os_prompts_messages_check check (jsonb_typeof(messages) = 'array'),
  user_created uuid,
  date_created timestamptz not null default now(),
  user_updated uuid,
  date_updated timestamptz
);
