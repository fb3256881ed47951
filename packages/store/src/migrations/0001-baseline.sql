-- The schema of Loopwell, by room. Every row has its tenant, rows of an EHR have their connection, and rows about a person have
-- that person. JSON is kept as text: the database stores it and rarely looks inside.

-- == Database ==

-- What is chosen once for a database, in one row: the system of the identifiers that our resources carry.
create table installation (
  only_row boolean primary key default true check (only_row),
  identifier_system text not null,
  chosen_at timestamptz not null default now()
);

-- == Access ==

-- Secrets of people, services and partners, as fingerprints only.
create table access_token (
  fingerprint text primary key,
  tenant text not null,
  kind text not null check (kind in ('sign-in', 'session', 'service', 'partner')),
  principal text not null,
  -- Separated by blanks.
  roles text not null,
  -- What a service token may call, one pattern a line.
  routes text,
  -- Addresses whose Tasks a partner's bearer reads, one a line.
  partner text,
  expires_at timestamptz,
  used_at timestamptz,
  created_at timestamptz not null default now()
);

-- == Ledger ==

-- What is due or waits, and for whom. One writer: ledger.ts.
create table ledger (
  tenant text not null,
  stage text not null,
  subject text not null,
  person uuid,
  batch uuid not null,
  waits_for text not null check (waits_for in ('worker', 'reviewer', 'partner', 'ehr', 'operator')),
  due timestamptz not null,
  -- Grows each time that the row is made due: a worker finishes it only at the generation that it claimed.
  generation bigint not null default 1,
  fence bigint not null default 0,
  leased_until timestamptz,
  attempts integer not null default 0,
  error_code text,
  error_facts text,
  -- Failures are counted by their cause: another cause is the first of its kind.
  cause text,
  trace uuid not null,
  -- Since when somebody is waited for, and what the row waited for before: both survive that it is looked at again in between.
  since timestamptz not null default now(),
  waited_for text,
  waited_since timestamptz,
  -- Since when work should have been done, and by whom it is held up. `due` moves with each attempt; this does not, until the
  -- work is achieved. Infinity where a person is waited for.
  owed_since timestamptz not null default now(),
  owed_by text not null default 'worker',
  primary key (stage, subject)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index ledger_batch on ledger (stage, batch);
create index ledger_due on ledger (stage, due) where waits_for in ('worker', 'partner', 'ehr');
-- Rows that wait for an operator and are looked at again by themselves: a key that does not fit may be replaced elsewhere.
create index ledger_operator_due on ledger (stage, due) where waits_for = 'operator' and due < 'infinity';
-- The readiness probe asks for the last lease of a stage.
create index ledger_leased on ledger (stage, leased_until) where leased_until is not null;
create index ledger_failed on ledger (tenant, since) where error_code is not null;
-- Oldest rows of each stage by whom they wait for.
create index ledger_since on ledger (tenant, stage, waits_for, since);
create index ledger_owed on ledger (tenant, stage, owed_by, owed_since) where owed_since < 'infinity';

-- A fence is never used twice. Counted per row it would begin anew whenever a row was deleted and made again, and a holder that
-- had been stopped for long could take somebody else's lease for its own.
create sequence ledger_fence;

-- What happened, by whom. Appended in the transaction that made it so, and never changed.
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
  -- JSON of ids, codes and numbers; never names, answers or free text.
  facts text
);
create index history_trace on history (trace);
create index history_subject on history (subject, at);
create index history_stage_at on history (stage, at);

-- == EHR ==

-- One EHR. What a process needs to open it by itself stands here.
create table connection (
  id text primary key,
  tenant text not null,
  base text not null,
  -- Other addresses under which the EHR names itself in its links: JSON list.
  aliases text not null default '[]',
  quirks text not null default 'plain-r4',
  -- `given`: whoever runs the process brings the credentials along.
  credentials text not null default 'given' check (credentials in ('given', 'none', 'bearer', 'smart-backend')),
  -- Client id, key id, token endpoint, scopes: JSON, nothing secret.
  client text not null default '{}',
  -- Bearer or private key, sealed (AES-256-GCM) with a key that only the processes have.
  secret text,
  -- Ids of the Patients to read, as a JSON list; everyone where it is empty.
  patients text not null default '[]',
  since timestamptz,
  -- The site's own codes in LOINC, as the FHIR ConceptMap that it gave. Coding reads it with the connection.
  concept_map text,
  -- What the site wants otherwise than the guide advises, as JSON (SiteChoices).
  choices text,
  -- How /metadata was answered when it was last asked for.
  metadata_status integer,
  -- Grows with each change: an open client of an earlier revision is not used any more.
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  -- The row of a deleted connection stays: what was read, coded and sent names it, and its id is not given again.
  deleted_at timestamptz,
  deleted_by text
);

-- What operators should know of a connection as a whole, one note of each kind: until when the EHR locks us out, and which
-- scopes its token does not have. Sentences of ours, with types, scopes and instants only.
create table connection_note (
  tenant text not null,
  connection text not null,
  kind text not null check (kind in ('locked-out', 'scopes')),
  says text not null,
  until timestamptz,
  at timestamptz not null default now(),
  primary key (connection, kind)
);

-- How searches of a type are asked where the EHR refuses the usual form: what worked, and what it had refused with.
create table search_form (
  connection text not null references connection on delete cascade,
  type text not null,
  by_patient boolean not null,
  tenant text not null,
  form text not null,
  status integer,
  issue_code text,
  learned_at timestamptz not null default now(),
  primary key (connection, type, by_patient)
);

-- How far each connection, type and scope (empty: everyone; else one Patient id) has been pulled.
create table pull_cursor (
  id text primary key,
  tenant text not null,
  connection text not null references connection,
  type text not null,
  scope text not null default '',
  -- Nothing older was asked for; another start reads what lies between.
  since timestamptz,
  -- Read up to here, by the EHR's clock.
  upto timestamptz,
  window_from timestamptz,
  window_to timestamptz,
  -- Rows of the window that were left behind its beginning, by the EHR's own count: a pull that goes on after a kill has to find
  -- as many.
  window_left integer,
  next_url text,
  pages bigint not null default 0,
  resources bigint not null default 0,
  -- Newest _lastUpdated that complete windows have shown: the EHR's own clock. The next window begins no later.
  newest timestamptz,
  final_to timestamptz,
  done boolean not null default false,
  note text,
  -- The EHR refuses this type across patients: each Patient that becomes known gets a cursor of its own.
  by_patient boolean not null default false,
  -- Why this is not read, or not all of it: JSON of codes and numbers; since when; and who closed it, so that the type counts
  -- as read.
  gap text,
  gap_since timestamptz,
  closed_by text,
  -- What was noticed in the last window: JSON list of codes.
  noticed text,
  -- Since when reading a person's Consents fails: a later no may be missing until they are read again. Only cursors of Consent
  -- have it.
  failed_at timestamptz,
  -- By the database's clock: up to when the cursor has read (a window counts from when it was begun), and when it last got a page.
  read_at timestamptz not null default now(),
  begun_at timestamptz,
  answered_at timestamptz not null default now()
);
create index pull_cursor_type on pull_cursor (connection, type, scope);
create index pull_cursor_gap on pull_cursor (tenant) where gap is not null;
-- What was noticed is listed with every result, and most cursors have nothing to tell.
create index pull_cursor_noticed on pull_cursor (tenant, connection, type) where noticed is not null;
create index pull_cursor_read on pull_cursor (tenant, connection, type, read_at) where not done and closed_by is null;
create index pull_cursor_answered on pull_cursor (tenant, connection, type, answered_at) where not done and closed_by is null;

-- Cursors that are not read, or not all of it. A type that is refused across patients counts for its patients' cursors once there
-- are any; those of patients, not any more where the type has been read for everyone.
create view unread_cursor as
  select l.tenant, l.connection, l.type, l.scope, l.id, l.gap, l.gap_since as since, l.closed_by
    from pull_cursor l
    left join pull_cursor w on l.scope <> '' and w.connection = l.connection and w.type = l.type and w.scope = ''
   where l.gap is not null
     and not (l.scope = '' and l.gap::jsonb ->> 'kind' = 'refused'
              and exists (select 1 from pull_cursor o where o.connection = l.connection and o.type = l.type and o.scope <> ''))
     and not (w.upto is not null and w.gap is null)
  union all
  select l.tenant, l.connection, l.type, l.scope, l.id,
         json_build_object('kind', 'failed', 'code', d.error_code, 'status', (d.error_facts::jsonb ->> 'status')::integer)::text, d.since, null
    from ledger d join pull_cursor l on l.id = d.subject
   where d.stage = 'pull' and d.error_code is not null and d.waits_for = 'operator' and l.gap is null;

-- Resources of EHRs as they came, in their current version; earlier ones move to ehr_resource_version.
create table ehr_resource (
  tenant text not null,
  connection text not null,
  type text not null,
  source_id text not null,
  version_id text not null,
  person uuid not null,
  last_updated timestamptz,
  body text not null,
  -- Derived from the Encounter that it is about, or from itself; what is made of it carries it on.
  trace uuid,
  pulled_at timestamptz not null default now(),
  primary key (connection, type, source_id)
);
create index ehr_resource_trace on ehr_resource (trace) where trace is not null;
create index ehr_resource_person on ehr_resource (person, type);
-- Timelines are asked for by an Encounter's id.
create index ehr_resource_source on ehr_resource (source_id) where type = 'Encounter';

create table ehr_resource_version (
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
  -- What an EHR cannot show may be anybody's: a person says that it need not be waited for.
  closed_by text,
  primary key (connection, type, source_id)
);
create index quarantine_source on quarantine (source_id) where type = 'Encounter';

-- What the EHR should hold by now: one row for each resource of ours that it is to get, in reference order by rank.
create table write_back (
  own_resource uuid primary key,
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
  -- left-out: the EHR keeps no such type, and the resource only says where something comes from (Device, Provenance).
  -- altered: the EHR took it and stores something else than it was sent.
  state text not null default 'waiting' check (state in ('waiting', 'done', 'refused', 'left-out', 'altered')),
  status integer,
  issue_code text,
  changed_at timestamptz not null default clock_timestamp(),
  -- A write was begun and its outcome is not known: the EHR is asked before anything is written again.
  intended_at timestamptz,
  -- The EHR was asked and showed that it does not have it: once is not enough.
  denied_at timestamptz,
  -- The end of the EHR's own order, as JSON; only status and note of that order are written, and nothing of ours.
  change text,
  -- We marked it as entered in error there, since it said more than we did.
  taken_back boolean not null default false,
  trace uuid
);
create index write_back_trace on write_back (trace) where trace is not null;
create index write_back_person on write_back (person, state);
create index write_back_referral on write_back (referral) where referral is not null;
create index write_back_ehr_id on write_back (ehr_id) where ehr_id is not null;
create index write_back_open on write_back (tenant, connection) where state not in ('done', 'left-out');
create index write_back_left_out on write_back (connection, type) where state = 'left-out';
create index write_back_refused on write_back (tenant, changed_at desc, own_resource) where state = 'refused';
create index write_back_refused_referral on write_back (referral) where state = 'refused';
create index write_back_altered on write_back (tenant, changed_at desc, own_resource) where state = 'altered';
create index write_back_altered_referral on write_back (referral) where state = 'altered';

-- What an EHR said when it refused a write. Free words are personal data: they stand apart from the receipt, so that they can
-- be erased, and only reviewers see them.
create table refusal_words (
  own_resource uuid primary key references write_back on delete cascade,
  words text not null,
  at timestamptz not null default now()
);

-- Both versions of an altered write, for reviewers: what was sent and what the EHR stored. Personal data stand here, apart from
-- the receipt.
create table altered_write (
  own_resource uuid primary key references write_back on delete cascade,
  -- Names of the elements that differ: JSON.
  lost text not null,
  sent text not null,
  stored text not null,
  at timestamptz not null default now()
);

-- == Coding ==

-- Resources that Loopwell authored. Ids are derived, so that authoring one again changes nothing.
create table own_resource (
  id uuid primary key,
  tenant text not null,
  connection text not null,
  type text not null,
  person uuid not null,
  version integer not null default 1,
  body text not null,
  hash text not null,
  trace uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index own_resource_person on own_resource (person, type);
create index own_resource_trace on own_resource (trace) where trace is not null;

-- Conditions and Organizations that an order refers to, so that a read finds the order by what it names.
create function named_in(body text) returns text[] language sql immutable parallel safe as $$
  select coalesce(array_agg(distinct m[1]), '{}') from regexp_matches(body, '/((?:Condition|Organization)/[A-Za-z0-9.-]{1,64})"', 'g') m $$;
create index own_resource_named on own_resource using gin (named_in(body)) where type = 'ServiceRequest';

create table own_resource_version (
  id uuid not null,
  version integer not null,
  type text not null,
  person uuid not null,
  body text not null,
  replaced_at timestamptz not null default now(),
  primary key (id, version)
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
  changed_at timestamptz not null default now(),
  -- It has something that a person has to look at, whatever else was coded from it; danger comes first.
  warns boolean
    generated always as (issues like '%"severity":"warning"%' or issues like '%"severity":"error"%') stored,
  danger boolean generated always as (issues like '%"danger":"%') stored,
  -- It says that its person may be in danger, or nobody can say that it does not: an answer about safety with a warning. It
  -- marks every referral of the person, whoever has looked at it, until the record changes.
  safety boolean not null default false,
  seen_at timestamptz,
  seen_by text,
  -- Since when somebody should look at a screening that warns of a danger.
  asks_since timestamptz not null default now(),
  trace uuid
);
create index screening_trace on screening (trace) where trace is not null;
create index screening_person on screening (person);
create index screening_encounter on screening (connection, encounter);
create index screening_attention on screening (tenant, danger desc, changed_at) where warns and seen_at is null;
create index screening_safety on screening (person) where safety or danger;
create index screening_asks on screening (tenant, asks_since) where warns and seen_at is null and (danger or safety);
create index screening_quarantined on screening (tenant, changed_at) where outcome = 'quarantined';

-- Who looked at which screening, when, and in their words what came of it: outside history, so that words can be erased.
create table screening_review (
  id bigint generated always as identity primary key,
  tenant text not null,
  screening uuid not null,
  person uuid not null,
  principal text not null,
  at timestamptz not null default now(),
  note text
);
create index screening_review_person on screening_review (person, at);

-- Why each Condition was suggested: one row for each answer that it rests on.
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
  authored text,
  added_at timestamptz not null default now(),
  primary key (condition, observation)
);
create index evidence_person on evidence (person);

-- == Referral ==

-- Partners in the order of the directory. A partner is an Organization at one Endpoint address: one Organization may have
-- several for several categories.
create table partner (
  id text not null,
  tenant text not null,
  position integer not null,
  name text not null,
  address text not null,
  body text not null,
  primary key (tenant, id, address)
);

-- Bearers that we send to partners, by the address of their Endpoint, sealed.
create table partner_bearer (
  tenant text not null,
  address text not null,
  send text not null,
  changed_at timestamptz not null default now(),
  primary key (tenant, address)
);

-- What may not go out until somebody releases it.
create table hold (
  tenant text not null,
  scope text not null,
  principal text not null,
  at timestamptz not null default now(),
  reason text,
  primary key (tenant, scope)
);

-- Who held and released what, when and why. Never changed, only added to: a hold itself is gone once it is released.
create table hold_decision (
  id bigint generated always as identity primary key,
  tenant text not null,
  scope text not null,
  decision text not null check (decision in ('held', 'released')),
  principal text not null,
  at timestamptz not null default now(),
  reason text
);
create index hold_decision_at on hold_decision (tenant, at);

-- Processes that ended while the answer of a server was being read. Two of them put a hold on that server (`receiver:<origin>`).
create table receiver_end (
  id bigint generated always as identity primary key,
  origin text not null,
  code text not null,
  at timestamptz not null default now()
);
create index receiver_end_origin on receiver_end (origin, at);

-- One need of one person that is to be met. At most one open referral per person and category; an episode for each.
create table referral (
  id uuid primary key,
  tenant text not null,
  connection text not null,
  person uuid not null,
  category text not null,
  episode integer not null default 1,
  state text not null default 'waiting' check (state in ('waiting', 'partner', 'closed', 'failed', 'withdrawn')),
  -- Where a waiting referral waits; null is review.
  gate text,
  -- Since when it has been where it is. `changed_at` moves with anything about it.
  gate_since timestamptz not null default now(),
  unambiguous boolean not null,
  sensitive boolean not null,
  -- JSON list: ids of Conditions of ours, and `Condition/<id>` of the EHR.
  conditions text not null,
  since text not null,
  -- Fingerprint of the rules and sentences that it rests on.
  evidence_version text,
  -- Somebody may come to harm soon: what, in a few words, and since when.
  danger text,
  danger_since timestamptz,
  -- It rests on something with a restricting security label: who may let it go, and to whom.
  restriction text check (restriction in ('one-recipient', 'named-consent')),
  approval text,
  approved_by text,
  approved_at timestamptz,
  -- The only partner that it may go to, where whoever approved it named one.
  recipient text,
  -- How many decisions of people it has: whoever has seen fewer of them is told what others decided since.
  people_decided integer not null default 0,
  -- Every Condition of it is confirmed in the EHR: a clinician has said yes there.
  confirmed boolean not null default false,
  -- Somebody had decided on it, and what it rested on is gone.
  doubted boolean not null default false,
  -- Day (YYYY-MM-DD) on which a reviewer wants to see it again.
  postponed_until text,
  -- The code that a person chose instead of the suggested one, by Condition, as JSON.
  codes_chosen text,
  agreement_on text,
  agreement_by text,
  agreement_source text,
  agreement_withdrawn_at timestamptz,
  consent_recorded text,
  service_code text,
  service_chosen_by text,
  service_request uuid,
  -- Id of the EHR's own order that ours fulfills, as it was when ours was made.
  ehr_order text,
  -- Who is asked next once the gates in front of it open, as the sender decided it: until when that consent holds, and whether
  -- sending is switched off besides.
  next_partner text,
  next_address text,
  next_until timestamptz,
  send_off boolean not null default false,
  sent boolean not null default false,
  -- Nobody could help, and a person decides: why, since when, by when, and who closed it without help.
  without_help text,
  without_help_since timestamptz,
  decide_by timestamptz,
  given_up_by text,
  -- A person has decided to go on after so many of its Tasks: what the last of them ended with has been looked at.
  asked_after integer not null default 0,
  ended_reason text,
  trace uuid not null,
  changed_at timestamptz not null default now(),
  unique (tenant, person, category, episode)
);
create index referral_person on referral (person);
create index referral_trace on referral (trace);
create index referral_danger on referral (person) where danger is not null;
create index referral_order on referral (service_request) where service_request is not null;
create index referral_gate on referral (tenant, state, gate, changed_at);
create index referral_gate_since on referral (tenant, (coalesce(gate, 'review')), gate_since) where state = 'waiting';
create index referral_danger_since on referral (tenant, danger_since) where state = 'waiting' and danger is not null;
create index referral_partner_since on referral (tenant, gate_since) where state = 'partner';
-- What nobody could help with: the oldest, and those about which nobody has decided in time.
create index referral_without_help on referral (tenant, without_help_since) where state = 'waiting' and gate = 'withoutHelp';
create index referral_decide_by on referral (tenant, decide_by) where state = 'waiting' and gate = 'withoutHelp';
-- The worklist and the lists of what is with a partner and of what has ended: an index for each, with and without a need.
create index referral_worklist on referral (tenant, gate, (danger is null), changed_at, id) where state = 'waiting';
create index referral_list_gate on referral (tenant, gate, changed_at, id) where state = 'waiting';
create index referral_list_partner on referral (tenant, changed_at, id) where state = 'partner';
create index referral_list_partner_danger on referral (tenant, (danger is null), changed_at, id) where state = 'partner';
create index referral_list_closed on referral (tenant, changed_at, id) where state = 'closed';
create index referral_list_failed on referral (tenant, changed_at, id) where state = 'failed';
create index referral_list_withdrawn on referral (tenant, changed_at, id)
  where state = 'withdrawn' and approved_by is distinct from 'system:enrichment';
create index referral_list_refused on referral (tenant, changed_at, id)
  where state = 'withdrawn' and approval = 'refused' and approved_by is distinct from 'system:enrichment';
create index referral_list_need on referral (tenant, state, category, changed_at, id);
create index referral_list_refused_need on referral (tenant, category, changed_at, id)
  where state = 'withdrawn' and approval = 'refused' and approved_by is distinct from 'system:enrichment';

create function referral_since() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' or (new.state, coalesce(new.gate, 'review')) is distinct from (old.state, coalesce(old.gate, 'review')) then
    new.gate_since := now();
  end if;
  if new.danger is null then
    new.danger_since := null;
  elsif tg_op = 'INSERT' or old.danger is null then
    new.danger_since := now();
  end if;
  return new;
end $$;
create trigger referral_since before insert or update of state, gate, danger on referral
  for each row execute function referral_since();

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

-- One referral Task at one partner: one attempt to close the loop.
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
  -- When the partner took it.
  accepted_at timestamptz,
  ended_at timestamptz,
  changed_at timestamptz not null default now(),
  reason text,
  -- What the partner said last, to tell a new answer from the same one.
  answer_hash text,
  -- The status that it had when it was recalled.
  recalled_from text,
  trace uuid,
  unique (referral, attempt)
);
create index task_trace on task (trace) where trace is not null;
-- The invariant of closed loops: at any moment at most one live Task per referral.
create unique index task_one_live on task (referral) where live;
-- Those of which nobody knows whether they arrived: few, and counted as being with their partner.
create index task_unsent on task (referral) where live and remote_id is null;
create index task_remote on task (remote_id) where remote_id is not null;
create index task_partner on task (partner) where live;
-- A partner's bearer reads what Tasks sent to its Endpoint addresses reach.
create index task_address on task (address) where live;
create index task_ended on task (address, ended_at) where not live;
create index task_reads on task (address, live desc, requested_at desc, id);
-- What partners hold: the oldest, what was taken, and what was not answered in time.
create index task_oldest on task (tenant, partner, requested_at) where live;
create index task_accepted on task (tenant, partner, accepted_at) where live and accepted_at is not null;
create index task_unanswered on task (tenant, accept_by) where live and status in ('requested', 'received');

create function task_accepted_at() returns trigger language plpgsql as $$
begin
  if new.accepted_at is null and new.status in ('accepted', 'in-progress', 'on-hold') then
    new.accepted_at := now();
  end if;
  return new;
end $$;
create trigger task_accepted_at before insert or update of status on task for each row execute function task_accepted_at();

-- What was sent or written, one row per side effect, before and after.
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
  settled_at timestamptz,
  trace uuid
);
create index receipt_trace on receipt (trace) where trace is not null;
create index receipt_refused on receipt (tenant, receiver) where state = 'refused';
-- Whether a partner has taken anything since it refused us.
create index receipt_settled on receipt (receiver, settled_at) where state = 'settled';

-- Under which consent each Task went: what its partner may read follows from it and from when the Task ended.
create table consent_decision (
  id bigint generated always as identity primary key,
  tenant text not null,
  person uuid not null,
  referral uuid not null,
  task uuid,
  consent_id text not null,
  consent_version text not null,
  recipient text not null,
  purpose text not null,
  shared text not null,
  until timestamptz,
  decided_at timestamptz not null default now()
);
create index consent_decision_referral on consent_decision (referral);

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

-- == Reports ==

-- How many there are of what is asked for often, kept in the transaction that makes it so instead of counted when somebody asks.
create table running_total (
  tenant text not null,
  kind text not null,
  a text not null,
  b text not null,
  n bigint not null,
  primary key (tenant, kind, a, b)
);
-- Each statement appends what it changed here and waits for nobody: two workers never meet at one row. Some statements fold what
-- has gathered into running_total, one at a time.
create table running_total_change (
  tenant text not null,
  kind text not null,
  a text not null,
  b text not null,
  n bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_threshold = 20000);

create view running_totals as
  select tenant, kind, a, b, sum(n)::bigint as n
    from (select tenant, kind, a, b, n from running_total
          union all
          select tenant, kind, a, b, n from running_total_change) every
   group by tenant, kind, a, b having sum(n) <> 0;

create function fold_totals() returns void language plpgsql as $body$
begin
  -- Whoever folds now does it for all; a snapshot that is older than another's fold could not.
  if current_setting('transaction_isolation') <> 'read committed'
     or not pg_try_advisory_xact_lock(hashtext('loopwell'), hashtext('running_total')) then
    return;
  end if;
  with gone as (delete from loopwell.running_total_change returning tenant, kind, a, b, n)
  insert into loopwell.running_total as t (tenant, kind, a, b, n)
  select tenant, kind, a, b, sum(n) from gone group by 1, 2, 3, 4 having sum(n) <> 0
  on conflict (tenant, kind, a, b) do update set n = t.n + excluded.n;
end $body$;

-- What is counted of each table: kind and two labels of each row that counts. %s is the table, or the rows that came or went.
do $do$
declare
  counted record;
  append text;
begin
  for counted in select * from (values
    ('history', '{history}'::text[], $$select tenant, 'history' as kind, stage as a, outcome as b from %1$s$$),
    ('ledger', '{ledger,failed}'::text[], $$select tenant, 'ledger' as kind, stage as a, waits_for as b from %1$s
        union all select tenant, 'failed', stage, error_code from %1$s where error_code is not null$$),
    ('referral', '{referral,sent}'::text[], $$select tenant, 'referral' as kind, state as a, case when state = 'waiting' then coalesce(gate, 'review') else '' end as b
         from %1$s where state <> 'withdrawn' or approved_by is distinct from 'system:enrichment'
        union all select tenant, 'sent', '', '' from %1$s where sent$$),
    ('receipt', '{receipt}'::text[], $$select tenant, 'receipt' as kind, state as a, '' as b from %1$s$$),
    ('write_back', '{write-back}'::text[], $$select tenant, 'write-back' as kind, state as a, case when state = 'waiting' then connection || ' ' || type else '' end as b from %1$s$$),
    ('quarantine', '{quarantine}'::text[], $$select tenant, 'quarantine' as kind, type as a, code as b from %1$s$$),
    ('task', '{task,task-ended}'::text[], $$select tenant, case when live then 'task' else 'task-ended' end as kind, partner as a, status as b from %1$s$$)
  ) as t(name, kinds, rows) loop
    append := 'insert into loopwell.running_total_change (tenant, kind, a, b, n)
      select tenant, kind, a, b, sum(n) from (%s) every group by 1, 2, 3, 4 having sum(n) <> 0';
    execute format($make$
      create function count_%1$s() returns trigger language plpgsql as $body$
      begin
        if tg_op = 'INSERT' then %2$s;
        elsif tg_op = 'DELETE' then %3$s;
        elsif tg_op = 'UPDATE' then %4$s;
        else
          delete from loopwell.running_total where kind in (%5$s);
          delete from loopwell.running_total_change where kind in (%5$s);
        end if;
        if random() < 0.02 then perform loopwell.fold_totals(); end if;
        return null;
      end $body$ $make$,
      counted.name,
      format(append, 'select *, 1 as n from (' || format(counted.rows, 'added') || ') came'),
      format(append, 'select *, -1 as n from (' || format(counted.rows, 'gone') || ') went'),
      format(append, 'select *, 1 as n from (' || format(counted.rows, 'added') || ') came union all select *, -1 from (' || format(counted.rows, 'gone') || ') went'),
      (select string_agg(quote_literal(kind), ', ') from unnest(counted.kinds) kind));
    execute format('create trigger count_inserted after insert on %1$I referencing new table as added for each statement execute function count_%1$I()', counted.name);
    -- What happened stays counted, whatever becomes of its line.
    if counted.name <> 'history' then
      execute format('create trigger count_updated after update on %1$I referencing new table as added old table as gone for each statement execute function count_%1$I()', counted.name);
      execute format('create trigger count_deleted after delete on %1$I referencing old table as gone for each statement execute function count_%1$I()', counted.name);
    end if;
    execute format('create trigger count_truncated after truncate on %1$I for each statement execute function count_%1$I()', counted.name);
  end loop;
end $do$;
