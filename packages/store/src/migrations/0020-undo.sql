-- A decision of a signed-in person can be undone (DECISIONS D157).

alter table referral
  -- Nothing is sent before this moment: the person who decided can still undo it.
  add column undo_until timestamptz,
  -- A person undid a decision, and nobody has decided anew. A Task that is out comes back, and no policy approves.
  add column undone_at timestamptz;

-- Decisions that one request recorded together, about one or many referrals.
alter table decision add column request uuid;
create index decision_request on decision (tenant, request) where request is not null;

-- What a request of a signed-in person changed, so that this person can undo it. Requests that stop something have no row.
create table decision_undo (
  tenant text not null,
  request uuid not null,
  referral uuid not null,
  person uuid not null,
  principal text not null,
  -- JSON: the changed columns of the referral as they were before. Personal data, as in the referral itself.
  before text not null,
  -- How many decisions of people the referral had after the request. A later decision ends the undo.
  people_decided integer not null,
  -- How many Tasks it had then: a later one means that the send was claimed.
  tasks integer not null,
  decided_at timestamptz not null default loopwell_now(),
  undone_at timestamptz,
  undone_by text,
  primary key (tenant, request, referral)
);
create index decision_undo_referral on decision_undo (tenant, referral, people_decided);
