-- What is searched of these tasks. Columns that a public portal leaves out are left out here. $1 uuid[]: their ids.
select t.id, t.number, t.title, t.description, t.class, t.status, t.priority, t.risk, t.project, t.phase, t.labels, t.acceptance,
  t.closing_note, t.author, t.updated_at,
  (select coalesce(jsonb_agg(jsonb_build_object('kind', n.kind, 'agent', n.agent, 'body', n.body) order by n.created_at desc, n.id), '[]')
    from muster_read.notes n where n.task_id = t.id) as notes,
  (select coalesce(jsonb_agg(jsonb_build_object('verdict', v.verdict, 'agent', v.agent, 'evidence', v.evidence)
      order by v.created_at desc, v.epoch desc), '[]')
    from muster_read.verifications v where v.task_id = t.id) as verdicts,
  (select coalesce(jsonb_agg(jsonb_build_object('ref', r.ref, 'title', r.title, 'symptom', r.symptom, 'closing_note', r.closing_note)
      order by r.number), '[]')
    from muster_read.receipts r where r.task_id = t.id) as receipts
from muster_read.tasks t
where t.id = any($1::uuid[])
order by t.number
