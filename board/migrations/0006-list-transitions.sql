-- The task's life as data, the same as src/transitions.ts (a test compares them). The law and the event trail look up here.

create table muster.transitions (
  from_status text not null,
  to_status text not null,
  who text not null constraint transitions_who_check check (who in ('agent', 'holder', 'verifier', 'steward', 'system')),
  intent text not null,
  event text not null,
  guards text[] not null,
  constraint transitions_pkey primary key (from_status, to_status, who)
);

insert into muster.transitions (from_status, to_status, who, intent, event, guards)
select t."from", t."to", t.who, t.intent, t.event, t.guards
from jsonb_to_recordset($transitions$[
  {"from":"new","to":"triage","who":"agent","intent":"add","event":"created","guards":[]},
  {"from":"new","to":"triage","who":"steward","intent":"add","event":"created","guards":[]},
  {"from":"new","to":"ready","who":"steward","intent":"add","event":"created","guards":["acceptance"]},
  {"from":"triage","to":"ready","who":"steward","intent":"accept","event":"accepted","guards":["acceptance"]},
  {"from":"ready","to":"in_progress","who":"agent","intent":"claim","event":"claimed","guards":["lease_free","dependencies","capabilities","attempts","wip","paths"]},
  {"from":"in_progress","to":"in_progress","who":"agent","intent":"take over","event":"taken_over","guards":["lease_free","dependencies","capabilities","attempts","wip","paths"]},
  {"from":"in_progress","to":"ready","who":"holder","intent":"release","event":"released","guards":["fence"]},
  {"from":"in_progress","to":"ready","who":"steward","intent":"requeue","event":"requeued","guards":["acceptance"]},
  {"from":"in_progress","to":"ready","who":"system","intent":"expire","event":"expired","guards":[]},
  {"from":"in_progress","to":"blocked","who":"holder","intent":"block","event":"blocked","guards":["fence","block"]},
  {"from":"in_progress","to":"blocked","who":"steward","intent":"block","event":"blocked","guards":["block"]},
  {"from":"blocked","to":"ready","who":"steward","intent":"unblock","event":"unblocked","guards":["acceptance"]},
  {"from":"blocked","to":"ready","who":"system","intent":"unblock","event":"unblocked","guards":["dependencies"]},
  {"from":"in_progress","to":"in_review","who":"holder","intent":"submit","event":"submitted","guards":["fence","submission"]},
  {"from":"in_review","to":"in_review","who":"agent","intent":"review","event":"review_claimed","guards":["lease_free","other_author","other_family","wip"]},
  {"from":"in_review","to":"in_review","who":"verifier","intent":"give back","event":"review_released","guards":["fence"]},
  {"from":"in_review","to":"done","who":"verifier","intent":"pass","event":"verified","guards":["fence","evidence","other_author","other_family"]},
  {"from":"in_review","to":"ready","who":"verifier","intent":"fail","event":"rejected","guards":["fence","evidence","other_author","other_family"]},
  {"from":"in_review","to":"done","who":"steward","intent":"pass","event":"verified","guards":["evidence","other_author"]},
  {"from":"in_review","to":"ready","who":"steward","intent":"fail","event":"rejected","guards":["evidence","other_author"]},
  {"from":"in_review","to":"blocked","who":"system","intent":"quarantine","event":"quarantined","guards":[]},
  {"from":"triage","to":"cancelled","who":"steward","intent":"cancel","event":"cancelled","guards":["reason"]},
  {"from":"ready","to":"cancelled","who":"steward","intent":"cancel","event":"cancelled","guards":["reason"]},
  {"from":"in_progress","to":"cancelled","who":"steward","intent":"cancel","event":"cancelled","guards":["reason"]},
  {"from":"blocked","to":"cancelled","who":"steward","intent":"cancel","event":"cancelled","guards":["reason"]},
  {"from":"in_review","to":"cancelled","who":"steward","intent":"cancel","event":"cancelled","guards":["reason"]},
  {"from":"done","to":"ready","who":"steward","intent":"reopen","event":"reopened","guards":["reason","acceptance"]},
  {"from":"cancelled","to":"ready","who":"steward","intent":"reopen","event":"reopened","guards":["reason","acceptance"]}
]$transitions$) as t ("from" text, "to" text, who text, intent text, event text, guards text[]);

-- Who may change which column; an empty list is the board alone.
create table muster.task_columns (
  name text not null constraint task_columns_pkey primary key,
  writers text[] not null
);

insert into muster.task_columns (name, writers)
select c.name, c.writers
from jsonb_to_recordset($columns$[
  {"name":"id","writers":[]},
  {"name":"number","writers":[]},
  {"name":"origin","writers":[]},
  {"name":"attempt","writers":[]},
  {"name":"assigned_to","writers":[]},
  {"name":"claimed_at","writers":[]},
  {"name":"lease_expires_at","writers":[]},
  {"name":"claim_epoch","writers":[]},
  {"name":"submitted_at","writers":[]},
  {"name":"submitted_by","writers":[]},
  {"name":"verified_at","writers":[]},
  {"name":"verified_by","writers":[]},
  {"name":"done_at","writers":[]},
  {"name":"user_created","writers":[]},
  {"name":"date_created","writers":[]},
  {"name":"project","writers":["steward","author"]},
  {"name":"phase","writers":["steward","author"]},
  {"name":"class","writers":["steward","author"]},
  {"name":"priority","writers":["steward","author"]},
  {"name":"risk","writers":["steward","author"]},
  {"name":"acceptance","writers":["steward","author"]},
  {"name":"required_capabilities","writers":["steward","author"]},
  {"name":"max_attempts","writers":["steward","author"]},
  {"name":"title","writers":["steward","author","holder"]},
  {"name":"description","writers":["steward","author","holder"]},
  {"name":"labels","writers":["steward","author","holder"]},
  {"name":"paths","writers":["steward","author","holder"]},
  {"name":"lease_seconds","writers":["steward","author","claimant","holder"]},
  {"name":"submitted_commit","writers":["steward","holder"]},
  {"name":"submitted_artifact","writers":["steward","holder"]},
  {"name":"blocked_type","writers":["steward","holder"]},
  {"name":"blocked_reason","writers":["steward","holder"]},
  {"name":"blocked_owner","writers":["steward","holder"]},
  {"name":"blocked_action","writers":["steward","holder"]},
  {"name":"blocked_until","writers":["steward","holder"]},
  {"name":"closing_note","writers":["steward","holder","verifier"]},
  {"name":"status_reason","writers":["steward"]},
  {"name":"sort","writers":["steward"]}
]$columns$) as c (name text, writers text[]);
