-- People: who a Patient is, and what its record says for pages and packets.
--
-- A column `person` of an older table holds the derived id of one EHR's Patient, and goes on doing so. The human being is a row
-- of `person`; `patient_link` leads from a Patient to it.

-- A human being behind one or more Patients. The id is that of the Patient by which the person became known.
create table person (
  tenant text not null,
  id uuid not null,
  created_at timestamptz not null default now(),
  primary key (tenant, id)
);

-- Which person each Patient is.
create table patient_link (
  tenant text not null,
  connection text not null,
  patient_id text not null,
  -- The derived id, which other tables call `person`.
  patient uuid not null,
  person uuid not null,
  -- Id of the Patient that has replaced this one and was not pulled yet.
  waits_for text,
  -- Why the link stays where it is although the EHR names another Patient, and since when. A person has to look.
  problem text,
  problem_since timestamptz,
  -- Why what the Patient itself says of its links cannot be followed.
  unusable text,
  -- When, why and by whom the link was moved last; null while it has never moved.
  moved_at timestamptz,
  reason text,
  moved_by text,
  -- A person set this link: the ids of the Patients that replaced it by what the EHR said then, empty for none. The link stays
  -- until the EHR says something else.
  set_against text,
  -- The Patient was stored before its profile and its links were read, or by an older reader.
  unread boolean not null default false,
  primary key (tenant, connection, patient_id)
);
create unique index patient_link_patient on patient_link (tenant, patient);
create index patient_link_person on patient_link (tenant, person);
-- The few Patients whose person is another's, those that a person has to look at, and those to be read.
create index patient_link_moved on patient_link (tenant, patient) where person <> patient;
create index patient_link_problem on patient_link (tenant, connection) where problem is not null;
create index patient_link_unread on patient_link (tenant, connection, patient_id) where unread;

-- What a Patient says in `Patient.link` about which record replaces which. Most Patients have no row.
create table patient_statement (
  tenant text not null,
  connection text not null,
  patient_id text not null,
  type text not null check (type in ('replaced-by', 'replaces')),
  other_id text not null,
  primary key (tenant, connection, patient_id, type, other_id)
);
create index patient_statement_other on patient_statement (tenant, connection, other_id);

-- What the Patient says about name, contact, language and address, as JSON (`PersonProfile`). It is made from the Patient and
-- may be erased with it.
create table person_profile (
  tenant text not null,
  patient uuid not null,
  body text not null,
  changed_at timestamptz not null default now(),
  primary key (tenant, patient)
);

-- The person of the referral where the Patient's link was moved; null where the Patient is its own person.
alter table referral add column linked_person uuid;
create index referral_linked_person on referral (tenant, linked_person) where linked_person is not null;
create index referral_linked on referral (tenant, person) where linked_person is not null;

-- Patients that were stored before: each is its own person until its links are read.
insert into person (tenant, id) select distinct tenant, person from ehr_resource where type = 'Patient';
insert into patient_link (tenant, connection, patient_id, patient, person, unread)
select tenant, connection, source_id, person, person, true from ehr_resource where type = 'Patient';
