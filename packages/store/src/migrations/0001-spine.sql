-- Every row has its tenant; pulled rows have their connection; rows about a person have the person.

create table connection (
  id text primary key,
  tenant text not null,
  base text not null,
  quirks text not null default 'plain-r4',
  created_at timestamptz not null default now()
);

-- What is due or waits, and for whom. One writer: ledger.ts.
create table ledger (
  tenant text not null,
  stage text not null,
  subject text not null,
  person uuid,
  batch uuid not null,
  waits_for text not null check (waits_for in ('worker', 'reviewer', 'partner', 'ehr', 'operator')),
  due timestamptz not null,
  generation bigint not null default 1,
  fence bigint not null default 0,
  leased_until timestamptz,
  attempts integer not null default 0,
  error_code text,
  error_facts text,
  trace uuid not null,
  since timestamptz not null default now(),
  primary key (stage, subject)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index ledger_batch on ledger (stage, batch);
create index ledger_due on ledger (stage, due) where waits_for in ('worker', 'partner', 'ehr');
create index ledger_person on ledger (person) where person is not null;
create index ledger_waits on ledger (waits_for, stage);

-- What happened, by whom. Appended in the transaction that made it so.
create table history (
  id bigint generated always as identity primary key,
  tenant text not null,
  stage text not null,
  subject text not null,
  person uuid,
  outcome text not null,
  at timestamptz not null default now(),
  ms integer,
  attempt integer not null default 0,
  trace uuid not null,
  principal text not null,
  facts text
);
create index history_subject on history (subject, at);
create index history_person on history (person, at) where person is not null;
create index history_stage_at on history (stage, at);

-- How far each connection, type and scope (empty: everyone; else one Patient id) has been pulled.
create table pull_lane (
  id text primary key,
  tenant text not null,
  connection text not null references connection,
  type text not null,
  scope text not null default '',
  upto timestamptz,
  window_from timestamptz,
  window_to timestamptz,
  next_url text,
  pages bigint not null default 0,
  resources bigint not null default 0,
  final_to timestamptz,
  done boolean not null default false,
  note text
);

-- Pulled resources as they came, current version; earlier ones move to pulled_version.
create table pulled (
  tenant text not null,
  connection text not null,
  type text not null,
  source_id text not null,
  version_id text not null,
  person uuid not null,
  last_updated timestamptz,
  body text not null,
  pulled_at timestamptz not null default now(),
  primary key (connection, type, source_id)
);
create index pulled_person on pulled (person, type);

create table pulled_version (
  connection text not null,
  type text not null,
  source_id text not null,
  version_id text not null,
  person uuid not null,
  body text not null,
  pulled_at timestamptz not null,
  primary key (connection, type, source_id, version_id)
);

-- What could not be read, with the reason; the body is kept so that nothing is lost.
create table quarantine (
  tenant text not null,
  connection text not null,
  type text not null,
  source_id text not null,
  person uuid,
  code text not null,
  facts text,
  body text,
  since timestamptz not null default now(),
  primary key (connection, type, source_id)
);

create table screening (
  id uuid primary key,
  tenant text not null,
  connection text not null,
  person uuid not null,
  instrument text not null,
  authored text not null,
  encounter text,
  outcome text not null,
  quarantine text,
  sources text not null,
  issues text not null,
  changed_at timestamptz not null default now()
);
create index screening_person on screening (person);
create index screening_encounter on screening (connection, encounter);

-- Resources that Loopwell made; ids are derived, so that making them again changes nothing.
create table made (
  id uuid primary key,
  tenant text not null,
  connection text not null,
  type text not null,
  person uuid not null,
  version integer not null default 1,
  body text not null,
  hash text not null,
  made_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index made_person on made (person, type);

create table made_version (
  id uuid not null,
  version integer not null,
  type text not null,
  person uuid not null,
  body text not null,
  replaced_at timestamptz not null default now(),
  primary key (id, version)
);

create table evidence (
  condition text not null,
  observation text not null,
  tenant text not null,
  person uuid not null,
  source text not null,
  rule text not null,
  rule_version text not null,
  code_systems text not null,
  sentence text not null,
  added_at timestamptz not null default now(),
  primary key (condition, observation)
);
create index evidence_person on evidence (person);

-- At most one open referral per person and category.
create table referral (
  id uuid primary key,
  tenant text not null,
  connection text not null,
  person uuid not null,
  category text not null,
  episode integer not null default 1,
  state text not null default 'waiting' check (state in ('waiting', 'partner', 'closed', 'failed', 'withdrawn')),
  gate text,
  unambiguous boolean not null,
  sensitive boolean not null,
  conditions text not null,
  since text not null,
  approval text,
  approved_by text,
  approved_at timestamptz,
  agreement_on text,
  agreement_by text,
  agreement_source text,
  agreement_withdrawn_at timestamptz,
  consent_recorded text,
  service_code text,
  service_chosen_by text,
  service_request uuid,
  sent boolean not null default false,
  trace uuid not null,
  changed_at timestamptz not null default now(),
  unique (tenant, person, category, episode)
);
create index referral_gate on referral (tenant, state, gate, changed_at);
create index referral_person on referral (person);

create table task (
  id uuid primary key,
  tenant text not null,
  referral uuid not null references referral,
  person uuid not null,
  attempt integer not null,
  partner text not null,
  channel text not null,
  address text not null,
  receipt_key text not null unique,
  remote_id text,
  etag text,
  status text not null,
  unseen text,
  live boolean not null default true,
  requested_at timestamptz not null default now(),
  accept_by timestamptz,
  changed_at timestamptz not null default now(),
  reason text,
  unique (referral, attempt)
);
-- The invariant of closed loops: at any moment at most one live Task per referral.
create unique index task_one_live on task (referral) where live;
create index task_partner on task (partner) where live;

-- What was sent or written, one line per side effect, before and after.
create table receipt (
  key text primary key,
  tenant text not null,
  person uuid not null,
  receiver text not null,
  kind text not null,
  state text not null check (state in ('intended', 'settled', 'refused')),
  attempts integer not null default 0,
  denied_at timestamptz,
  remote_id text,
  status integer,
  issue_code text,
  principal text not null,
  intended_at timestamptz not null default now(),
  settled_at timestamptz
);

create table consent_decision (
  id bigint generated always as identity primary key,
  tenant text not null,
  person uuid not null,
  referral uuid not null,
  consent_id text not null,
  consent_version text not null,
  recipient text not null,
  purpose text not null,
  shared text not null,
  until timestamptz,
  decided_at timestamptz not null default now()
);
create index consent_decision_referral on consent_decision (referral);

-- What people and policies decided. Never changed, only added to.
create table decision (
  id bigint generated always as identity primary key,
  tenant text not null,
  referral uuid not null,
  person uuid not null,
  decision text not null,
  principal text not null,
  principal_kind text not null,
  at timestamptz not null default now(),
  reason text,
  facts text
);
create index decision_referral on decision (referral, at);

-- What the EHR should hold by now.
create table ehr_copy (
  made_id uuid primary key,
  tenant text not null,
  connection text not null,
  person uuid not null,
  referral uuid,
  type text not null,
  rank integer not null,
  wanted_version integer not null,
  written_version integer,
  ehr_id text,
  etag text,
  state text not null default 'waiting' check (state in ('waiting', 'done', 'refused')),
  status integer,
  issue_code text,
  changed_at timestamptz not null default clock_timestamp()
);
create index ehr_copy_person on ehr_copy (person, state);

create table partner (
  id text not null,
  tenant text not null,
  position integer not null,
  name text not null,
  address text not null,
  body text not null,
  primary key (tenant, id)
);

create table hold (
  tenant text not null,
  scope text not null,
  principal text not null,
  at timestamptz not null default now(),
  reason text,
  primary key (tenant, scope)
);

-- Secrets of people and services, as fingerprints only.
create table access_token (
  fingerprint text primary key,
  tenant text not null,
  kind text not null check (kind in ('sign-in', 'session', 'service', 'partner')),
  principal text not null,
  roles text not null,
  routes text,
  partner text,
  expires_at timestamptz,
  used_at timestamptz,
  created_at timestamptz not null default now()
);
