-- == How people want to be reached ==

-- How a person wants to be reached, as they answered it. Each answer is a row; the latest one of all Patients of the same human
-- counts. The numbers are what the person gave for this, never what the EHR has.
create table reach_choice (
  tenant text not null,
  -- The Patient's derived id.
  person uuid not null,
  id uuid not null,
  -- JSON (ReachChoice).
  body text not null,
  -- The number as E.164 has it, by which a person who calls back is found.
  phone text,
  -- What the record said of numbers and addresses then, one-way.
  record_key text not null,
  answered_at timestamptz not null,
  asked_by text not null,
  recorded_at timestamptz not null default loopwell_now(),
  primary key (tenant, person, id)
);
create index reach_choice_phone on reach_choice (tenant, phone) where phone is not null;

-- A place or a person to keep out of everything, in the person's words. While nobody has said which partners are meant, nothing goes
-- out for the person.
create table keep_out (
  tenant text not null,
  person uuid not null,
  id uuid not null,
  words text not null,
  -- JSON: ids of the Organizations that are meant, none where no partner is; null while nobody has resolved it.
  partners text,
  asked_by text not null,
  recorded_at timestamptz not null default loopwell_now(),
  resolved_by text,
  resolved_at timestamptz,
  -- The person has taken it back.
  ended_by text,
  ended_at timestamptz,
  primary key (tenant, person, id)
);
create index keep_out_open on keep_out (tenant, recorded_at) where partners is null and ended_at is null;

-- How each Patient stands toward what goes out, written in the transaction that stores the Patient.
create table person_standing (
  tenant text not null,
  person uuid not null,
  standing text not null check (standing in ('stands', 'died', 'merged', 'inactive', 'unclear')),
  -- Numbers and addresses of the record, one-way: when they change, the person is asked again.
  record_key text not null,
  changed_at timestamptz not null default loopwell_now(),
  primary key (tenant, person)
);

-- Patients that were stored before are read again.
update patient_link set unread = true where not unread;
