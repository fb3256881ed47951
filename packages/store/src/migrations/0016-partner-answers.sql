-- What partners said, with who, when and by which door. Its words are a partner's own and often about the person: they stand
-- here and nowhere else, so that they can be erased (reason, note, business_status, outputs and body set to null) while
-- history stays as it is.
create table partner_answer (
  id bigint generated always as identity primary key,
  tenant text not null,
  task uuid not null references task,
  referral uuid not null,
  person uuid not null,
  at timestamptz not null default clock_timestamp(),
  -- poll: asked for regularly. send: read right after sending, or asked for after it. recall: read when we took it back.
  door text not null check (door in ('poll', 'send', 'recall')),
  who text not null,
  -- Task.status as it came; one that FHIR does not know may be anybody's words.
  status text not null,
  known_status text,
  -- Codings that hold no words, as JSON: what operators may see.
  codes text not null default '[]',
  -- Codes of ours for what is odd about the Task, as JSON.
  oddities text not null default '[]',
  with_words boolean not null,
  reason text,
  note text,
  business_status text,
  outputs text,
  -- The Task as it came; null where it is too large to keep whole.
  body text
);
create index partner_answer_referral on partner_answer (referral, id);
create index partner_answer_person on partner_answer (person);
-- What the partner said last, to tell a new answer from the same one.
alter table task add column answer_hash text;
