-- Each fixed defect leaves a receipt, written by the verdict that passes it and from the record alone: what nobody wrote down is said to
-- be missing. The record cannot prove that a fleet was needed: 'yes' comes from a verifier, with a reason, or not at all.

create function muster.person_name(p_agent uuid, p_family text) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce((select a.name || coalesce(format(' (%s)', coalesce(p_family, a.model_family)), '') from public.os_agents a where a.id = p_agent), 'a steward')
$$;

-- The receipt's six steps: texts for people, and beside them the facts that they stand on.
create function muster.receipt_steps(p_task public.os_tasks, p_verification public.os_verifications) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  opener constant text := coalesce((select e.actor_name from public.os_events e
    where e.entity = 'os_tasks' and e.entity_id = p_task.id and e.version = 1), 'nobody on record');
  work public.os_claims;
  refused public.os_verifications;
  finding public.os_notes;
  closing public.os_notes;
  claims jsonb;
begin
  select * into work from public.os_claims c where c.id = p_verification.claim;
  select * into refused from public.os_verifications v where v.task = p_task.id and v.verdict = 'fail' order by v.epoch, v.date_created limit 1;
  select * into finding from public.os_notes n where n.task = p_task.id and n.kind = 'finding' order by n.date_created, n.id limit 1;
  select * into closing from public.os_notes n where n.task = p_task.id and n.kind = 'closing' order by n.date_created desc, n.id limit 1;
  select coalesce(jsonb_agg(jsonb_build_object('epoch', c.epoch, 'attempt', c.attempt, 'kind', c.kind, 'agent', a.name,
      'model_family', c.model_family, 'session', c.session, 'claimed_at', c.claimed_at, 'ended_at', c.ended_at, 'ended_by', c.ended_by,
      'outcome', c.outcome) order by c.epoch), '[]') into claims
    from public.os_claims c left join public.os_agents a on a.id = c.agent where c.task = p_task.id;
  return jsonb_build_array(
    jsonb_build_object('name', 'symptom', 'at', p_task.date_created,
      'text', coalesce(nullif(btrim(p_task.description), ''), p_task.title)),
    jsonb_build_object('name', 'board_row', 'at', work.claimed_at, 'claims', claims,
      'text', format('#%s opened in project %s by %s; %s; %s attempt%s.', p_task.number,
        (select p.key from public.os_projects p where p.id = p_task.project), opener,
        case when work.id is null then 'no agent''s claim is on record'
          else format('%s submitted it at epoch %s', muster.person_name(work.agent, work.model_family), work.epoch) end,
        p_verification.attempt, case when p_verification.attempt = 1 then '' else 's' end)),
    jsonb_build_object('name', 'verifier_claim', 'at', p_verification.date_created, 'text', p_verification.evidence,
      'verification', p_verification.id, 'verdict', p_verification.verdict, 'epoch', p_verification.epoch,
      'agent', (select a.name from public.os_agents a where a.id = p_verification.agent),
      'model_family', p_verification.model_family, 'commit', p_verification.commit_sha, 'checks', p_verification.checks),
    case
      when refused.id is not null then jsonb_build_object('name', 'caught_by', 'at', refused.date_created, 'verification', refused.id,
        'text', format('%s refused attempt %s: %s', muster.person_name(refused.agent, refused.model_family), refused.attempt, refused.evidence))
      when finding.id is not null then jsonb_build_object('name', 'caught_by', 'at', finding.date_created, 'note', finding.id,
        'text', format('Finding of %s: %s', muster.actor_name(finding.user_created), finding.body))
      else jsonb_build_object('name', 'caught_by', 'at', p_task.date_created,
        'text', format('Reported on the board by %s; no verdict and no finding named it first.', opener))
    end,
    jsonb_build_object('name', 'closing_note', 'at', coalesce(closing.date_created, p_task.done_at),
      'text', coalesce(nullif(btrim(p_task.closing_note), ''), closing.body, 'None was written.')),
    jsonb_build_object('name', 'fix_commit', 'at', p_task.submitted_at, 'commit', p_task.submitted_commit, 'artifact', p_task.submitted_artifact,
      'text', coalesce(nullif(btrim(p_task.submitted_commit), ''), nullif(btrim(p_task.submitted_artifact), ''), 'None is on record.')));
end $$;

-- p_word: needed_fleet and attribution as the verifier gave them, or none.
create function muster.issue_receipt(p_task uuid, p_verification uuid, p_actor uuid, p_word jsonb default '{}') returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  task public.os_tasks;
  verification public.os_verifications;
  work public.os_claims;
  refused public.os_verifications;
  receipt public.os_receipts;
begin
  select * into strict task from public.os_tasks t where t.id = p_task;
  if task.class <> 'bug' then
    return;
  end if;
  select * into strict verification from public.os_verifications v where v.id = p_verification;
  select * into work from public.os_claims c where c.id = verification.claim;
  select * into refused from public.os_verifications v where v.task = p_task and v.verdict = 'fail' order by v.epoch, v.date_created limit 1;
  receipt.id := gen_random_uuid();
  receipt.task := task.id;
  receipt.title := task.title;
  receipt.steps := muster.receipt_steps(task, verification);
  receipt.symptom := receipt.steps #>> '{0,text}';
  receipt.board_row := receipt.steps #>> '{1,text}';
  receipt.verifier_claim := receipt.steps #>> '{2,text}';
  receipt.caught_by := receipt.steps #>> '{3,text}';
  receipt.closing_note := receipt.steps #>> '{4,text}';
  receipt.fix_commit := receipt.steps #>> '{5,text}';
  receipt.needed_fleet := coalesce(p_word ->> 'needed_fleet', case when refused.id is null then 'no' else 'partly' end);
  receipt.attribution := case
    when p_word ->> 'needed_fleet' is not null then p_word ->> 'attribution'
    when refused.id is not null then format(
      'Partly, by the record: %s refused what %s had handed in as finished. Whether one agent alone would have seen it was not tried.',
      muster.person_name(refused.agent, refused.model_family),
      (select muster.person_name(c.agent, c.model_family) from public.os_claims c where c.id = refused.claim))
    else format('No, by the record: %s fixed it and %s confirmed it. No verdict found anything that the author had missed.',
      muster.person_name(work.agent, work.model_family), muster.person_name(verification.agent, verification.model_family)) end;
  receipt.origin := 'live';
  -- The head's lock makes the chain's order; number and time come after it, so that both follow the chain.
  select h.hash into receipt.prev_hash from muster.chain_heads h where h.chain = 'receipts' for update;
  receipt.number := nextval('public.os_receipts_number_seq');
  receipt.issued_at := clock_timestamp();
  receipt.hash := muster.receipt_hash(receipt.prev_hash, receipt);
  insert into public.os_receipts select receipt.*;
  update muster.chain_heads h set hash = receipt.hash where h.chain = 'receipts';
  perform muster.append_event('os_receipts', receipt.id, 1, 'created', p_actor, muster.actor_name(p_actor), verification.epoch, null, to_jsonb(receipt));
end $$;

-- A pass by plain PATCH. The verbs' own pass is written by the owner and issues its receipt itself, with the checks that it carries.
create function muster.issue_receipt_of_patch() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform muster.issue_receipt(new.id,
    (select v.id from public.os_verifications v where v.task = new.id order by v.epoch desc, v.date_created desc limit 1), new.user_updated);
  return null;
end $$;

create trigger os_tasks_96_receipt after update on public.os_tasks
  for each row when (current_user <> 'muster_owner' and new.status = 'done' and old.status = 'in_review' and new.class = 'bug')
  execute function muster.issue_receipt_of_patch();

create or replace function muster.verdict(
  p_actor uuid, p_task text, p_fence integer, p_verdict text, p_evidence text, p_options jsonb default '{}', p_op uuid default null
) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := jsonb_build_object('task', p_task, 'fence', p_fence, 'verdict', p_verdict, 'evidence', p_evidence, 'options', p_options);
  answer jsonb := muster.find_operation(p_op, p_actor, 'verdict', arguments);
  task public.os_tasks;
  wanted public.os_tasks;
  judged public.os_claims;
  agent public.os_agents;
  verification uuid;
begin
  if answer is not null then
    return answer;
  end if;
  perform muster.assert_object('options', p_options,
    '{"checks":"array","commit":"string","closing_note":"string","tokens_in":"integer","tokens_out":"integer","cost_usd":"number",
      "needed_fleet":"string","attribution":"string"}');
  if coalesce(p_verdict, '') not in ('pass', 'fail', 'inconclusive') then
    perform muster.refuse_value('verdict must be pass, fail or inconclusive.');
  end if;
  if coalesce(p_options ->> 'needed_fleet', 'no') not in ('yes', 'no', 'partly') then
    perform muster.refuse_value('needed_fleet must be yes, no or partly.');
  end if;
  if p_options ->> 'needed_fleet' is not null and btrim(coalesce(p_options ->> 'attribution', '')) = '' then
    perform muster.fail('MU422', 'MUSTER_REASON_REQUIRED', 'needed_fleet needs its reason: who caught what, and whether one agent could have. Send attribution.');
  end if;
  task := muster.lock_task(p_task);
  wanted := task;
  wanted.fence := p_fence;
  if muster.is_steward(p_actor) then
    if task.status <> 'in_review' then
      perform muster.require_transition(task, 'done', 'steward');
    elsif p_verdict = 'inconclusive' then
      perform muster.refuse_value('A steward decides: send pass or fail, or leave the review to an agent.');
    end if;
  elsif muster.require_part(task, wanted, p_fence, p_actor) <> 'verifier' then
    perform muster.require_transition(task, 'done', 'holder');
  end if;
  if btrim(coalesce(p_evidence, '')) = '' then
    perform muster.fail('MU422', 'MUSTER_EVIDENCE_REQUIRED', 'A verdict needs evidence: what was run, where, and what came out. Send evidence.');
  end if;
  perform muster.assert_checks(task, p_verdict, p_options);
  if p_verdict = 'inconclusive' then
    judged := muster.judged_claim(task.id);
    agent := muster.require_agent(p_actor);
    insert into public.os_verifications
      (task, claim, attempt, epoch, verifier, agent, model_family, session, verdict, evidence, checks, commit_sha, date_created)
      values (task.id, judged.id, task.attempt + 1, task.claim_epoch, p_actor, agent.id, agent.model_family, task.claim_session,
        p_verdict, p_evidence, coalesce(p_options -> 'checks', '[]'), task.submitted_commit, clock_timestamp())
      returning id into verification;
    wanted := muster.give_back(p_actor, task, p_fence);
  else
    wanted.status := case p_verdict when 'pass' then 'done' else 'ready' end;
    wanted.evidence := p_evidence;
    wanted.closing_note := coalesce(p_options ->> 'closing_note', task.closing_note);
    wanted := muster.move_task(task, wanted, false, p_actor);
    select v.id into verification from public.os_verifications v where v.task = task.id order by v.epoch desc, v.date_created desc limit 1;
    if jsonb_array_length(coalesce(p_options -> 'checks', '[]')) > 0 then
      update public.os_verifications v set checks = p_options -> 'checks' where v.id = verification;
    end if;
    if p_verdict = 'pass' then
      perform muster.issue_receipt(task.id, verification, p_actor, p_options);
    end if;
  end if;
  if p_options ?| array['tokens_in', 'tokens_out', 'cost_usd'] then
    perform muster.add_usage(p_actor, task.id, p_fence, p_options);
  end if;
  return muster.record_operation(p_op, p_actor, 'verdict', arguments,
    muster.task_state(wanted) || jsonb_build_object('verification', verification));
end $$;

revoke all on function muster.person_name(uuid, text), muster.receipt_steps(public.os_tasks, public.os_verifications),
  muster.issue_receipt(uuid, uuid, uuid, jsonb), muster.issue_receipt_of_patch() from public;
