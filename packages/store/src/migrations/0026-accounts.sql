-- == Legal demands, erasure, retention, and facts about equity == DECISIONS D170, D176

-- A demand of a court, an agency or an attorney for the record of one person. While it is open, the person is not erased.
create table legal_demand (
  tenant text not null,
  id uuid not null,
  -- The derived id of one Patient of the person.
  person uuid not null,
  kind text not null check (kind in ('subpoena', 'court-order', 'warrant', 'agency', 'attorney', 'other')),
  -- Who demands, and what. Emptied when the person is erased.
  demanded_by text not null,
  asked_for text not null,
  -- The day (YYYY-MM-DD) at the site on which it came.
  received_on text not null check (received_on ~ '^\d{4}-\d{2}-\d{2}$'),
  recorded_by text not null,
  recorded_at timestamptz not null default loopwell_now(),
  primary key (tenant, id)
);
create index legal_demand_person on legal_demand (tenant, person);
create index legal_demand_at on legal_demand (tenant, recorded_at desc, id);

-- One person's yes to the release of what is demanded, or to the end of the demand. Two different people are needed for each.
create table legal_demand_yes (
  tenant text not null,
  demand uuid not null,
  step text not null check (step in ('release', 'end')),
  principal text not null,
  -- What is released, or why it is over. Emptied when the person is erased.
  note text,
  at timestamptz not null default loopwell_now(),
  primary key (tenant, demand, step, principal)
);

-- The receipt of an erasure: who, when, why, and how many rows are gone. It has nothing of the person but derived ids.
create table erasure (
  tenant text not null,
  id uuid not null,
  person uuid not null,
  principal text not null,
  reason text not null check (reason in ('asked', 'order', 'retention')),
  at timestamptz not null default loopwell_now(),
  -- JSON: rows by table.
  gone text not null,
  -- JSON: what stays and where: rows by table, and the copies that partners and EHRs have.
  stays text not null,
  primary key (tenant, id)
);
create unique index erasure_person on erasure (tenant, person);

-- Patients who were erased: what their EHR still has is not stored again.
create table erased_patient (
  tenant text not null,
  patient uuid not null,
  person uuid not null,
  primary key (tenant, patient)
);
create index erased_patient_person on erased_patient (tenant, person);

-- The account of disclosures of people who were erased: entries as they were, with derived ids.
create table kept_disclosure (
  tenant text not null,
  task uuid not null,
  at timestamptz not null,
  person uuid not null,
  patient uuid not null,
  partner text not null,
  approved_by text,
  -- Until when the partner could read something.
  open_until timestamptz not null,
  -- JSON (Disclosure).
  body text not null,
  primary key (tenant, task)
);
create index kept_disclosure_at on kept_disclosure (tenant, at desc, task desc);

-- What the site's retention will delete, since when that is shown, and when it acts.
create table retention_notice (
  tenant text not null,
  kind text not null check (kind in ('person', 'views')),
  -- The id of a person; `views` for views.
  subject text not null,
  noticed_at timestamptz not null default loopwell_now(),
  acts_at timestamptz not null,
  primary key (tenant, kind, subject)
);
create index retention_notice_acts on retention_notice (tenant, acts_at);

-- Facts about equity that would be lost: in which language somebody was asked, whom nobody could ask safely, and what had no
-- reviewed text. `person` and `referral` are emptied when the person is erased.
create table equity_fact (
  tenant text not null,
  id bigint generated always as identity,
  at timestamptz not null default loopwell_now(),
  kind text not null check (kind in ('asked', 'not-asked-unsafe', 'text-not-reviewed', 'erased')),
  person uuid,
  referral uuid,
  -- JSON: codes, languages, days and numbers; no names and no words of anybody.
  body text not null default '{}',
  primary key (tenant, id)
);
create index equity_fact_referral on equity_fact (tenant, referral, kind) where referral is not null;
create unique index equity_fact_once on equity_fact (tenant, referral, kind) where kind in ('not-asked-unsafe', 'text-not-reviewed');

-- == Still without help: somebody is told ==

alter table duty_alert drop constraint duty_alert_kind_check;
alter table duty_alert add constraint duty_alert_kind_check check (kind in ('see-first', 'call-today', 'summary', 'without-help'));
create unique index duty_alert_without_help on duty_alert (tenant, kind) where kind = 'without-help' and next_at is not null;
create index referral_still_without_help on referral (tenant, gate_since) where state = 'waiting' and gate in ('withoutHelp', 'noPartner');
