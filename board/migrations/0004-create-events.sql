-- One row per accepted change, in the same transaction, gapless per entity and chained by hash: the trail nobody can rewrite unseen.

create table public.os_events (
  id bigint generated always as identity constraint os_events_pkey primary key,
  xid xid8 not null default pg_current_xact_id(),
  entity text not null,
  entity_id uuid not null,
  version integer not null,
  kind text not null,
  actor uuid,
  actor_name text,
  epoch integer,
  before jsonb,
  after jsonb,
  prev_hash text,
  hash text not null,
  at timestamptz not null default clock_timestamp(),
  origin text not null default 'live' constraint os_events_origin_check check (origin in ('live', 'seed')),
  constraint os_events_entity_entity_id_version_key unique (entity, entity_id, version)
);
create index os_events_xid_id_index on public.os_events (xid, id);

-- Every refusal of the law goes through here: SQLSTATE carries the HTTP status, DETAIL the code, the sentence and the facts.
create function muster.fail(p_sqlstate text, p_code text, p_message text, p_facts jsonb default '{}') returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception using
    errcode = p_sqlstate,
    message = p_message,
    detail = (p_facts || jsonb_build_object('code', p_code, 'message', p_message))::text;
end $$;

create function muster.refuse_rewrite() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform muster.fail('MU403', 'MUSTER_APPEND_ONLY',
    format('%s is only ever added to. Write a new record; old ones stay.', tg_table_name));
end $$;

create function muster.refuse_delete() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform muster.fail('MU403', 'MUSTER_DELETE_FORBIDDEN',
    format('Rows of %s are never deleted. Cancel the task, suspend the agent, or archive the project.', tg_table_name));
end $$;

create trigger os_events_10_append_only before update or delete on public.os_events
  for each row execute function muster.refuse_rewrite();
create trigger os_events_11_append_only before truncate on public.os_events
  for each statement execute function muster.refuse_rewrite();
create trigger os_receipts_10_append_only before update or delete on public.os_receipts
  for each row execute function muster.refuse_rewrite();
create trigger os_receipts_11_append_only before truncate on public.os_receipts
  for each statement execute function muster.refuse_rewrite();

do $$
declare
  relation text;
begin
  foreach relation in array array['os_tasks', 'os_agents', 'os_claims', 'os_verifications', 'os_projects'] loop
    execute format('create trigger %1$s_00_keep before delete on public.%1$s for each row execute function muster.refuse_delete()', relation);
    execute format('create trigger %1$s_01_keep before truncate on public.%1$s for each statement execute function muster.refuse_delete()', relation);
  end loop;
end $$;

create function muster.event_hash(p_prev_hash text, p_event jsonb) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select encode(sha256(convert_to('muster-event/1' || chr(10) || coalesce(p_prev_hash, '') || chr(10) || p_event::text, 'UTF8')), 'hex')
$$;

-- What the hash covers. timestamptz goes in as UTC text: the session's time zone must not change a hash.
create function muster.event_payload(p_event public.os_events) returns jsonb
language sql stable set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object(
    'entity', p_event.entity, 'entity_id', p_event.entity_id, 'version', p_event.version, 'kind', p_event.kind,
    'actor', p_event.actor, 'actor_name', p_event.actor_name, 'epoch', p_event.epoch, 'before', p_event.before,
    'after', p_event.after, 'at', (p_event.at at time zone 'UTC')::text, 'origin', p_event.origin)
$$;

-- The caller holds the entity's row lock, so that the chain has one writer. p_version null: the next one.
create function muster.append_event(
  p_entity text, p_entity_id uuid, p_version integer, p_kind text, p_actor uuid, p_actor_name text, p_epoch integer,
  p_before jsonb, p_after jsonb, p_at timestamptz default clock_timestamp(), p_origin text default 'live'
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  previous record;
  event public.os_events;
begin
  select e.version, e.hash into previous from public.os_events e
    where e.entity = p_entity and e.entity_id = p_entity_id order by e.version desc limit 1;
  event.entity := p_entity;
  event.entity_id := p_entity_id;
  event.version := coalesce(p_version, previous.version + 1, 1);
  event.kind := p_kind;
  event.actor := p_actor;
  event.actor_name := p_actor_name;
  event.epoch := p_epoch;
  event.before := p_before;
  event.after := p_after;
  event.at := p_at;
  event.origin := p_origin;
  if event.version <> coalesce(previous.version, 0) + 1 then
    raise exception 'event % of % % would leave a gap after %', event.version, p_entity, p_entity_id, previous.version;
  end if;
  insert into public.os_events (entity, entity_id, version, kind, actor, actor_name, epoch, before, after, prev_hash, hash, at, origin)
  values (event.entity, event.entity_id, event.version, event.kind, event.actor, event.actor_name, event.epoch, event.before,
    event.after, previous.hash, muster.event_hash(previous.hash, muster.event_payload(event)), event.at, event.origin);
end $$;

-- Entities whose chain does not recompute, with the first version that is wrong. Empty: the trail is whole.
create function muster.broken_event_chains() returns table (entity text, entity_id uuid, version integer)
language sql stable set search_path = pg_catalog, pg_temp as $$
  select distinct on (c.entity, c.entity_id) c.entity, c.entity_id, c.version
  from (
    select e.entity, e.entity_id, e.version,
      e.hash = muster.event_hash(e.prev_hash, muster.event_payload(e)) as is_hash_right,
      e.prev_hash is not distinct from lag(e.hash) over (partition by e.entity, e.entity_id order by e.version) as is_linked,
      e.version = row_number() over (partition by e.entity, e.entity_id order by e.version) as is_gapless
    from public.os_events e
  ) c
  where not (c.is_hash_right and c.is_linked and c.is_gapless)
  order by c.entity, c.entity_id, c.version
$$;
