-- The task record and what hangs on it. claim_epoch, fence and version are int4: Directus returns bigint as text.

create sequence public.os_tasks_number_seq as integer;
comment on sequence public.os_tasks_number_seq is 'Drawn from by the insert trigger, so that a number cannot be chosen by a caller.';

create table public.os_tasks (
  id uuid not null default gen_random_uuid() constraint os_tasks_pkey primary key,
  number integer not null default 0 constraint os_tasks_number_key unique constraint os_tasks_number_check check (number > 0),
  project uuid not null constraint os_tasks_project_fkey references public.os_projects (id),
  phase uuid constraint os_tasks_phase_fkey references public.os_phases (id),
  title text not null constraint os_tasks_title_check check (length(btrim(title)) between 1 and 300),
  description text,
  class text not null default 'feature'
    constraint os_tasks_class_check check (class in ('feature', 'bug', 'chore', 'docs', 'research', 'ops')),
  status text not null default 'triage' constraint os_tasks_status_check
    check (status in ('triage', 'ready', 'in_progress', 'blocked', 'in_review', 'done', 'cancelled')),
  priority text not null default 'P2' constraint os_tasks_priority_check check (priority in ('P0', 'P1', 'P2', 'P3')),
  risk text not null default 'low' constraint os_tasks_risk_check check (risk in ('low', 'medium', 'high')),
  acceptance jsonb not null default '[]' constraint os_tasks_acceptance_check check (
    jsonb_typeof(acceptance) = 'array'
    and not jsonb_path_exists(acceptance, '$[*] ? (@.type() != "object" || !exists(@.id) || !exists(@.text) || @.text == "")')
  ),
  required_capabilities jsonb not null default '[]'
    constraint os_tasks_required_capabilities_check check (jsonb_typeof(required_capabilities) = 'array'),
  paths jsonb not null default '[]' constraint os_tasks_paths_check check (jsonb_typeof(paths) = 'array'),
  labels jsonb not null default '[]' constraint os_tasks_labels_check check (jsonb_typeof(labels) = 'array'),
  max_attempts integer not null default 3 constraint os_tasks_max_attempts_check check (max_attempts between 1 and 100),
  attempt integer not null default 0 constraint os_tasks_attempt_check check (attempt >= 0),
  lease_seconds integer not null default 900
    constraint os_tasks_lease_seconds_check check (lease_seconds between 15 and 86400),
  assigned_to uuid constraint os_tasks_assigned_to_fkey references public.directus_users (id),
  claim_session text constraint os_tasks_claim_session_check
    check (length(claim_session) between 1 and 200 and claim_session !~ '[[:cntrl:]]'),
  claimed_at timestamptz,
  lease_expires_at timestamptz,
  claim_epoch integer not null default 0 constraint os_tasks_claim_epoch_check check (claim_epoch >= 0),
  fence integer constraint os_tasks_fence_check check (fence is null),
  version integer not null default 1 constraint os_tasks_version_check check (version >= 1),
  submitted_commit text,
  submitted_artifact text,
  submitted_at timestamptz,
  submitted_by uuid constraint os_tasks_submitted_by_fkey references public.directus_users (id),
  verified_by uuid constraint os_tasks_verified_by_fkey references public.directus_users (id),
  verified_at timestamptz,
  evidence text constraint os_tasks_evidence_check check (evidence is null),
  blocked_type text constraint os_tasks_blocked_type_check
    check (blocked_type in ('dependency', 'needs_human', 'capability', 'transient', 'quarantined')),
  blocked_reason text,
  blocked_owner text,
  blocked_action text,
  blocked_until timestamptz,
  closing_note text,
  status_reason text,
  done_at timestamptz,
  origin text not null default 'live' constraint os_tasks_origin_check check (origin in ('live', 'seed')),
  sort integer,
  user_created uuid,
  date_created timestamptz not null default now(),
  user_updated uuid,
  date_updated timestamptz,
  constraint os_tasks_blocked_check check ((status = 'blocked') = (blocked_type is not null)),
  constraint os_tasks_done_check check ((status = 'done') = (done_at is not null)),
  constraint os_tasks_acceptance_needed_check 
    check (status in ('triage', 'blocked', 'cancelled') or jsonb_array_length(acceptance) > 0)
) with (fillfactor = 80);
alter sequence public.os_tasks_number_seq owned by public.os_tasks.number;
create index os_tasks_ready_index on public.os_tasks (priority, number) where status = 'ready';
create index os_tasks_status_index on public.os_tasks (status);
create index os_tasks_project_index on public.os_tasks (project);
create index os_tasks_phase_index on public.os_tasks (phase);
create index os_tasks_assigned_to_index on public.os_tasks (assigned_to);
create index os_tasks_submitted_by_index on public.os_tasks (submitted_by);
create index os_tasks_verified_by_index on public.os_tasks (verified_by);

comment on column public.os_tasks.fence is 'Write-only: the claim_epoch the writer holds. Always stored null.';
comment on column public.os_tasks.evidence is 'Write-only: the evidence of a verdict, kept in os_verifications. Always stored null.';
comment on column public.os_tasks.attempt is 'Failed verdicts so far. os_claims.attempt counts tries from 1.';

create table public.os_task_dependencies (
  id uuid not null default gen_random_uuid() constraint os_task_dependencies_pkey primary key,
  task uuid not null constraint os_task_dependencies_task_fkey references public.os_tasks (id),
  depends_on uuid not null constraint os_task_dependencies_depends_on_fkey references public.os_tasks (id),
  kind text not null default 'blocks' constraint os_task_dependencies_kind_check check (kind in ('blocks')),
  user_created uuid,
  date_created timestamptz not null default now(),
  user_updated uuid,
  date_updated timestamptz,
  constraint os_task_dependencies_task_depends_on_key unique (task, depends_on),
  constraint os_task_dependencies_self_check check (task <> depends_on)
);
create index os_task_dependencies_depends_on_index on public.os_task_dependencies (depends_on);

create table public.os_claims (
  id uuid not null default gen_random_uuid() constraint os_claims_pkey primary key,
  task uuid not null constraint os_claims_task_fkey references public.os_tasks (id),
  attempt integer not null constraint os_claims_attempt_check check (attempt >= 1),
  epoch integer not null constraint os_claims_epoch_check check (epoch >= 1),
  kind text not null default 'work' constraint os_claims_kind_check check (kind in ('work', 'review')),
  agent uuid constraint os_claims_agent_fkey references public.os_agents (id),
  holder uuid constraint os_claims_holder_fkey references public.directus_users (id),
  session text,
  model_family text,
  claimed_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  ended_by text constraint os_claims_ended_by_check
    check (ended_by in ('submitted', 'released', 'expired', 'blocked', 'fenced', 'verdict')),
  outcome text constraint os_claims_outcome_check
    check (outcome in ('accepted', 'rework', 'discarded', 'expired', 'duplicate', 'superseded')),
  tokens_in integer,
  tokens_out integer,
  cost_usd numeric(12, 4),
  origin text not null default 'live' constraint os_claims_origin_check check (origin in ('live', 'seed')),
  constraint os_claims_task_epoch_key unique (task, epoch),
  constraint os_claims_ended_check check ((ended_at is null) = (ended_by is null))
);
create unique index os_claims_live_key on public.os_claims (task) where ended_at is null;
create index os_claims_agent_index on public.os_claims (agent);
create index os_claims_holder_index on public.os_claims (holder);

create table public.os_notes (
  id uuid not null default gen_random_uuid() constraint os_notes_pkey primary key,
  task uuid not null constraint os_notes_task_fkey references public.os_tasks (id),
  agent uuid constraint os_notes_agent_fkey references public.os_agents (id),
  kind text not null default 'note'
    constraint os_notes_kind_check check (kind in ('note', 'decision', 'finding', 'handoff', 'closing')),
  body text not null constraint os_notes_body_check check (length(btrim(body)) > 0),
  user_created uuid,
  date_created timestamptz not null default now(),
  user_updated uuid,
  date_updated timestamptz
);
create index os_notes_task_index on public.os_notes (task);
create index os_notes_agent_index on public.os_notes (agent);

create table public.os_verifications (
  id uuid not null default gen_random_uuid() constraint os_verifications_pkey primary key,
  task uuid not null constraint os_verifications_task_fkey references public.os_tasks (id),
  claim uuid constraint os_verifications_claim_fkey references public.os_claims (id),
  attempt integer not null,
  epoch integer,
  verifier uuid constraint os_verifications_verifier_fkey references public.directus_users (id),
  agent uuid constraint os_verifications_agent_fkey references public.os_agents (id),
  model_family text,
  session text,
  verdict text not null
    constraint os_verifications_verdict_check check (verdict in ('pass', 'fail', 'inconclusive')),
  evidence text not null constraint os_verifications_evidence_check check (length(btrim(evidence)) > 0),
  checks jsonb not null default '[]' constraint os_verifications_checks_check check (jsonb_typeof(checks) = 'array'),
  commit_sha text,
  origin text not null default 'live' constraint os_verifications_origin_check check (origin in ('live', 'seed')),
  date_created timestamptz not null default now()
);
create index os_verifications_task_index on public.os_verifications (task);
create index os_verifications_claim_index on public.os_verifications (claim);
create index os_verifications_verifier_index on public.os_verifications (verifier);
create index os_verifications_agent_index on public.os_verifications (agent);
comment on column public.os_verifications.claim is 'The work claim that was judged.';
comment on column public.os_verifications.epoch is 'Epoch of the verifier''s own review claim.';

create sequence public.os_receipts_number_seq as integer;

create table public.os_receipts (
  id uuid not null default gen_random_uuid() constraint os_receipts_pkey primary key,
  number integer not null default nextval('public.os_receipts_number_seq') constraint os_receipts_number_key unique,
  task uuid not null constraint os_receipts_task_fkey references public.os_tasks (id),
  title text not null,
  symptom text,
  board_row text,
  verifier_claim text,
  caught_by text,
  closing_note text,
  fix_commit text,
  needed_fleet text constraint os_receipts_needed_fleet_check check (needed_fleet in ('yes', 'no', 'partly')),
  attribution text,
  steps jsonb not null default '[]' constraint os_receipts_steps_check check (jsonb_typeof(steps) = 'array'),
  prev_hash text,
  hash text not null constraint os_receipts_hash_key unique,
  origin text not null default 'live' constraint os_receipts_origin_check check (origin in ('live', 'seed')),
  issued_at timestamptz not null default now()
);
alter sequence public.os_receipts_number_seq owned by public.os_receipts.number;
create index os_receipts_task_index on public.os_receipts (task);

create table public.os_reservations (
  id uuid not null default gen_random_uuid() constraint os_reservations_pkey primary key,
  task uuid not null constraint os_reservations_task_fkey references public.os_tasks (id),
  agent uuid not null constraint os_reservations_agent_fkey references public.os_agents (id),
  path text not null constraint os_reservations_path_check check (length(path) > 0),
  mode text not null default 'exclusive'
    constraint os_reservations_mode_check check (mode in ('exclusive', 'shared')),
  expires_at timestamptz not null,
  released_at timestamptz,
  user_created uuid,
  date_created timestamptz not null default now(),
  user_updated uuid,
  date_updated timestamptz
);
create index os_reservations_task_index on public.os_reservations (task);
create index os_reservations_agent_index on public.os_reservations (agent);

create table public.os_usage (
  id uuid not null default gen_random_uuid() constraint os_usage_pkey primary key,
  task uuid constraint os_usage_task_fkey references public.os_tasks (id),
  agent uuid constraint os_usage_agent_fkey references public.os_agents (id),
  claim uuid constraint os_usage_claim_fkey references public.os_claims (id),
  kind text not null constraint os_usage_kind_check check (kind in ('tokens', 'hosting', 'build')),
  tokens_in integer,
  tokens_out integer,
  cost_usd numeric(12, 4),
  at timestamptz not null default now(),
  origin text not null default 'live' constraint os_usage_origin_check check (origin in ('live', 'seed'))
);
create index os_usage_task_index on public.os_usage (task);
create index os_usage_agent_index on public.os_usage (agent);
create index os_usage_claim_index on public.os_usage (claim);
