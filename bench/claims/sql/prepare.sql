-- Agents 10 to 29, one per client, and the rows of the yardstick.
insert into public.directus_roles values ('00000000-0000-4000-8000-00000000000a', 'steward'), ('00000000-0000-4000-8000-00000000000b', 'agent');
select muster.set_config('steward_roles', '["00000000-0000-4000-8000-00000000000a"]');
insert into public.directus_users (id, role)
  select ('00000000-0000-4000-8000-0000000002' || n)::uuid, '00000000-0000-4000-8000-00000000000b' from generate_series(10, 29) n;
set role muster_owner;
insert into public.os_agents ("user", name, model_family, max_wip)
  select ('00000000-0000-4000-8000-0000000002' || n)::uuid, 'bench' || n, 'alpha', 100 from generate_series(10, 29) n;
insert into public.os_projects (key, name) values ('bench', 'Bench');
reset role;
create table public.bench_rows (id integer primary key, counter integer not null default 0) with (fillfactor = 80);
insert into public.bench_rows select n, 0 from generate_series(1, 10000) n;
grant select, update on public.bench_rows to muster_directus;
