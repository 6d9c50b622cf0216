-- Hot, narrow state that Directus never sees, and the settings the law reads.

create table muster.instance (
  one boolean not null default true constraint instance_pkey primary key constraint instance_one_check check (one),
  instance_id uuid not null,
  system_identifier text not null,
  incarnation integer not null default 1 constraint instance_incarnation_check check (incarnation >= 1)
);

create table muster.config (
  name text not null constraint config_pkey primary key,
  value jsonb not null
);

-- One row per task: at most one live claim, by construction. No foreign key to users: the hot path stays short.
create table muster.leases (
  task uuid not null constraint leases_pkey primary key constraint leases_task_fkey references public.os_tasks (id),
  kind text not null constraint leases_kind_check check (kind in ('work', 'review')),
  epoch integer not null,
  session text,
  holder uuid,
  agent uuid constraint leases_agent_fkey references public.os_agents (id),
  granted_at timestamptz not null,
  heartbeat_at timestamptz not null,
  expires_at timestamptz not null
) with (fillfactor = 50);
create index leases_holder_index on muster.leases (holder);
create index leases_agent_index on muster.leases (agent);

create table muster.seeds (
  name text not null constraint seeds_pkey primary key,
  content_hash text not null,
  applied_at timestamptz not null default clock_timestamp(),
  rows integer not null
);

-- Last link of each chain that spans entities (receipts); its row lock orders the writers.
create table muster.chain_heads (
  chain text not null constraint chain_heads_pkey primary key,
  hash text
);
insert into muster.chain_heads (chain) values ('receipts');

-- steward_roles: Directus role ids whose users are stewards; everybody else is an agent. Only a database administrator calls this.
create function muster.set_config(p_name text, p_value jsonb) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  case p_name
    when 'steward_roles' then
      if jsonb_typeof(p_value) <> 'array' or jsonb_array_length(p_value) = 0 then
        raise exception 'steward_roles must be a list of at least one role id';
      end if;
      perform role_id::uuid from jsonb_array_elements_text(p_value) role_id;
    when 'agent_role', 'agent_policy', 'steward_role' then
      perform (p_value #>> '{}')::uuid;
    when 'lock_delay_seconds' then
      if (p_value #>> '{}')::integer not between 0 and 3600 then
        raise exception 'lock_delay_seconds must be 0 to 3600';
      end if;
    else
      raise exception 'no such setting: %', p_name;
  end case;
  insert into muster.config as c (name, value) values (p_name, p_value)
    on conflict (name) do update set value = excluded.value where c.value is distinct from excluded.value;
  return found;
end $$;

-- 10 s: longer than a slow write in flight, short enough that nobody waits for it.
select muster.set_config('lock_delay_seconds', '10');

-- Records which instance this database belongs to, once. Returns whether it wrote; another instance's database is refused.
create function muster.ensure_instance(p_instance uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  recorded uuid;
begin
  insert into muster.instance (instance_id, system_identifier)
    select p_instance, c.system_identifier::text from pg_control_system() c
    on conflict (one) do nothing;
  if found then
    return true;
  end if;
  select i.instance_id into recorded from muster.instance i;
  if recorded <> p_instance then
    raise exception 'this database belongs to instance %, not %', recorded, p_instance;
  end if;
  return false;
end $$;

create function muster.is_steward(p_user uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from public.directus_users u
    join muster.config c on c.name = 'steward_roles'
    where u.id = p_user and u.status = 'active' and c.value ? u.role::text
  )
$$;

-- The user behind the write. Directus forces the stamp to its authenticated caller; no other login is believed.
create function muster.require_actor(p_stamp uuid) returns uuid
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if session_user <> 'muster_directus' or p_stamp is null then
    perform muster.fail('MU401', 'MUSTER_NO_ACTOR', 'The write names no user. Send a token; every write needs an authenticated user.');
  end if;
  return p_stamp;
end $$;

-- The active agent behind a user who is no steward.
create function muster.require_agent(p_user uuid) returns public.os_agents
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  agent public.os_agents;
begin
  select * into agent from public.os_agents a where a."user" = p_user;
  if not found then
    perform muster.fail('MU403', 'MUSTER_AGENT_UNKNOWN',
      'Your user is neither a steward nor a registered agent. Ask a steward to run `elk-os agent add`.');
  end if;
  if agent.status <> 'active' then
    perform muster.fail('MU403', 'MUSTER_AGENT_SUSPENDED', format('Agent %s is suspended. Stop work and ask a steward.', agent.name));
  end if;
  return agent;
end $$;
