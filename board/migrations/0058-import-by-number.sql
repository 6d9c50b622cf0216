-- A history document names tasks by their numbers, which were compared as text: each claim, verdict and note of it read every task of the board,
-- so that filling a board took the square of its size. A number is now found by its index. What is no number names nothing, as before.

-- The whole number that the text is written as; null when it is none. Any int4, and what is above finds no row.
create function muster.import_number(p_text text) returns bigint
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case when p_text ~ '^(0|[1-9]\d{0,17})$' then p_text::bigint end
$$;

create or replace function muster.import_reference(p_field text, p_item jsonb, p_place text) returns uuid
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  wanted constant text := p_item ->> p_field;
  wanted_number constant bigint := muster.import_number(wanted);
  task_number constant bigint := muster.import_number(p_item ->> 'task');
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
    when 'task' then (select t.id from public.os_tasks t where t.number = wanted_number)
    when 'depends_on' then (select t.id from public.os_tasks t where t.number = wanted_number)
    when 'claim' then (
      select c.id from public.os_claims c join public.os_tasks t on t.id = c.task
      where c.epoch = wanted_number and t.number = task_number)
  end;
  if found_id is null then
    perform muster.fail('MU422', 'MUSTER_REFERENCE_UNKNOWN',
      format('The history document is refused at %s: there is no %s %s.', p_place, p_field, wanted));
  end if;
  return found_id;
end $$;
