-- Seeded history, first part: reading the document. Format: board/docs/history-document.md. Only a database administrator runs it.

-- Trail of the running import; empty between imports. Its lock lets one import run at a time.
create table muster.import_trail (
  seq bigint not null generated always as identity constraint import_trail_pkey primary key,
  entity text not null,
  entity_id uuid not null,
  kind text not null,
  actor_name text not null,
  epoch integer,
  before jsonb,
  after jsonb,
  at timestamptz not null
);

-- What a document may hold. key_columns tell whether a row exists; followed ones are brought in line when it does.
create table muster.import_collections (
  ordinal integer not null constraint import_collections_pkey primary key,
  collection text not null constraint import_collections_collection_key unique,
  relation text not null,
  key_columns text[] not null,
  fields text[] not null,
  followed text[] not null
);

insert into muster.import_collections (ordinal, collection, relation, key_columns, fields, followed) values
  (1, 'organizations', 'os_organizations', '{key}', '{key,name,summary,created_at}', '{name,summary}'),
  (2, 'contacts', 'os_contacts', '{organization,name}', '{organization,name,role,email,note,created_at}', '{role,email,note}'),
  (3, 'repositories', 'os_repositories', '{key}', '{key,name,url,default_branch,created_at}', '{name,url,default_branch}'),
  (4, 'projects', 'os_projects', '{key}',
    '{key,name,summary,status,visibility,organization,repository,sort,created_at}', '{name,summary,organization,repository,sort}'),
  (5, 'phases', 'os_phases', '{project,key}',
    '{project,key,name,summary,status,sort,started_at,verified_at,created_at}', '{name,summary,sort}'),
  (6, 'agents', 'os_agents', '{name}',
    '{name,title,model_family,model,status,capabilities,max_wip,last_seen_at,created_at}',
    '{title,model_family,model,capabilities,max_wip}'),
  (7, 'prompts', 'os_prompts', '{name}', '{name,description,system_prompt,messages,created_at}', '{description,system_prompt,messages}'),
  (8, 'tasks', 'os_tasks', '{number}',
    '{number,project,phase,title,description,class,status,priority,risk,acceptance,required_capabilities,paths,labels,max_attempts,attempt,lease_seconds,assigned_to,submitted_commit,submitted_artifact,submitted_at,submitted_by,verified_by,verified_at,blocked_type,blocked_reason,blocked_owner,blocked_action,blocked_until,closing_note,status_reason,done_at,sort,created_at,updated_at}',
    '{}'),
  (9, 'dependencies', 'os_task_dependencies', '{task,depends_on}', '{task,depends_on,kind,created_at}', '{}'),
  (10, 'claims', 'os_claims', '{task,epoch}',
    '{task,epoch,attempt,kind,agent,session,claimed_at,ended_at,ended_by,outcome,tokens_in,tokens_out,cost_usd,expires_at,heartbeat_at}', '{}'),
  (11, 'notes', 'os_notes', '{id}', '{task,agent,kind,body,created_at}', '{}'),
  (12, 'verifications', 'os_verifications', '{task,epoch}',
    '{task,epoch,claim,attempt,agent,session,verdict,evidence,checks,commit_sha,created_at}', '{}'),
  (13, 'receipts', 'os_receipts', '{number}',
    '{number,task,title,symptom,board_row,verifier_claim,caught_by,closing_note,fix_commit,needed_fleet,attribution,steps,issued_at}', '{}'),
  (14, 'releases', 'os_releases', '{repository,version}',
    '{repository,version,project,name,status,commit_sha,notes,released_at,created_at}', '{project,name,commit_sha,notes}'),
  (15, 'usage', 'os_usage', '{id}', '{key,kind,task,agent,claim,tokens_in,tokens_out,cost_usd,at}', '{}'),
  (16, 'reservations', 'os_reservations', '{task,agent,path}', '{task,agent,path,mode,expires_at,released_at,created_at}', '{}'),
  (17, 'sessions', 'os_sessions', '{agent,session}',
    '{agent,session,client,started_at,ended_at,constitution_version,constitution_hash,created_at}', '{}');

create function muster.refuse_document(p_place text, p_message text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform muster.fail('MU422', 'MUSTER_DOCUMENT_INVALID', format('The history document is refused at %s: %s', p_place, p_message));
end $$;

-- '-1h30m', '+15m', '0m' count from p_now; everything else is ISO 8601.
create function muster.import_instant(p_text text, p_now timestamptz, p_place text) returns timestamptz
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  distance interval := '0';
  part text[];
begin
  if p_text ~ '^[+-]?(\d+[smhd])+$' then
    for part in select regexp_matches(p_text, '(\d+)([smhd])', 'g') loop
      distance := distance + (part[1] || case part[2] when 's' then ' seconds' when 'm' then ' minutes' when 'h' then ' hours' else ' days' end)::interval;
    end loop;
    return case when starts_with(p_text, '-') then p_now - distance else p_now + distance end;
  end if;
  if p_text !~ '^\d{4}-\d\d-\d\dT' then
    perform muster.refuse_document(p_place, format('%s is no instant. Write ISO 8601 or an offset such as "-90m".', p_text));
  end if;
  return p_text::timestamptz;
end $$;

-- Id of the row that a natural key names.
create function muster.import_reference(p_field text, p_item jsonb, p_place text) returns uuid
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  wanted constant text := p_item ->> p_field;
  found_id uuid;
begin
  found_id := case p_field
    when 'organization' then (select o.id from public.os_organizations o where o.key = wanted)
    when 'repository' then (select r.id from public.os_repositories r where r.key = wanted)
    when 'project' then (select p.id from public.os_projects p where p.key = wanted)
    when 'phase' then (
      select h.id from public.os_phases h join public.os_projects p on p.id = h.project
      where h.key = wanted and p.key = p_item ->> 'project')
    when 'agent' then (select a.id from public.os_agents a where a.name = wanted)
    when 'task' then (select t.id from public.os_tasks t where t.number::text = wanted)
    when 'depends_on' then (select t.id from public.os_tasks t where t.number::text = wanted)
    when 'claim' then (
      select c.id from public.os_claims c join public.os_tasks t on t.id = c.task
      where c.epoch::text = wanted and t.number::text = p_item ->> 'task')
  end;
  if found_id is null then
    perform muster.fail('MU422', 'MUSTER_REFERENCE_UNKNOWN',
      format('The history document is refused at %s: there is no %s %s.', p_place, p_field, wanted));
  end if;
  return found_id;
end $$;

-- The item with ids for natural keys and timestamps for instants, named by column. Refuses unknown keys.
create function muster.import_resolve(p_collection muster.import_collections, p_item jsonb, p_place text, p_now timestamptz) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  row jsonb := '{}';
  field record;
begin
  if jsonb_typeof(p_item) <> 'object' then
    perform muster.refuse_document(p_place, 'a row must be an object.');
  end if;
  for field in select e.key, e.value, e.value #>> '{}' as text from jsonb_each(p_item) e loop
    if field.key <> all (p_collection.fields) then
      perform muster.refuse_document(p_place, format('unknown key %s.', field.key));
    elsif field.value = 'null' then
      continue;
    elsif field.key in ('organization', 'repository', 'project', 'phase', 'agent', 'task', 'depends_on', 'claim') then
      row := row || jsonb_build_object(field.key, muster.import_reference(field.key, p_item, p_place));
    elsif field.key in ('assigned_to', 'submitted_by', 'verified_by') then
      row := row || jsonb_build_object(field.key, (select a."user" from public.os_agents a
        where a.id = muster.import_reference('agent', jsonb_build_object('agent', field.text), p_place)));
    elsif field.key like '%\_at' or field.key in ('at', 'blocked_until') then
      row := row || jsonb_build_object(
        case field.key when 'created_at' then 'date_created' when 'updated_at' then 'date_updated' else field.key end,
        muster.import_instant(field.text, p_now, p_place));
    else
      row := row || jsonb_build_object(field.key, field.value);
    end if;
  end loop;
  return row;
end $$;

-- Inserts the row, or brings followed columns in line. Returns 'inserted', 'updated' or 'unchanged'.
create function muster.import_row(p_collection muster.import_collections, p_row jsonb) returns text
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  relation constant text := format('public.%I', p_collection.relation);
  existing jsonb;
  wanted jsonb;
  columns text;
begin
  execute format('select to_jsonb(jsonb_populate_record(null::%s, $1))', relation) into wanted using p_row;
  execute format('select to_jsonb(t) from %s t where %s', relation,
    (select string_agg(format('t.%1$I = (jsonb_populate_record(null::%2$s, $1)).%1$I', k, relation), ' and ')
      from unnest(p_collection.key_columns) k)) into existing using p_row;
  if existing is null then
    select string_agg(quote_ident(k), ', ' order by k) into columns from jsonb_object_keys(p_row) k;
    execute format('insert into %1$s as t (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1) returning to_jsonb(t)',
      relation, columns) into existing using p_row;
    if p_collection.relation not in ('os_tasks', 'os_claims', 'os_usage') then
      insert into muster.import_trail (entity, entity_id, kind, actor_name, epoch, after, at) values (
        p_collection.relation, (existing ->> 'id')::uuid, 'created', 'seed', (existing ->> 'epoch')::integer, existing,
        coalesce(existing ->> 'date_created', existing ->> 'issued_at')::timestamptz);
    end if;
    return 'inserted';
  end if;
  select string_agg(quote_ident(k), ', ') into columns
    from unnest(p_collection.followed) k where p_row ? k and wanted -> k is distinct from existing -> k;
  if columns is null then
    return 'unchanged';
  end if;
  execute format('update %1$s set (%2$s) = row (%3$s) where id = $2', relation, columns,
    (select string_agg(format('(jsonb_populate_record(null::%s, $1)).%s', relation, c), ', ') from unnest(string_to_array(columns, ', ')) c))
    using p_row, (existing ->> 'id')::uuid;
  return 'updated';
end $$;
