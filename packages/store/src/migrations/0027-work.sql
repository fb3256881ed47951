-- == The work for a person ==
-- DECISIONS D171. `person` is a Patient's derived id, as in all tables. Rows belong to the human being and are read over all Patients of
-- the same human, so that a link that moves leaves them right. Rows are added and ended, and no row says something else later.

-- Who looks after a person, each time that it was handed over. The latest counts; null means nobody.
create table work_owner (
  tenant text not null,
  id uuid not null,
  person uuid not null,
  owner text,
  -- What the next one has to know; for the care team only.
  note text,
  handed_by text not null,
  handed_at timestamptz not null default loopwell_now(),
  primary key (tenant, id)
);
create index work_owner_person on work_owner (tenant, person, handed_at);
create index work_owner_owner on work_owner (tenant, owner);

-- Someone is away, and another one covers for them until a day (YYYY-MM-DD at the site, which counts whole).
create table work_cover (
  tenant text not null,
  id uuid not null,
  away text not null,
  cover text not null,
  until text not null,
  recorded_by text not null,
  recorded_at timestamptz not null default loopwell_now(),
  ended_by text,
  ended_at timestamptz,
  primary key (tenant, id),
  check (away <> cover)
);
create index work_cover_away on work_cover (tenant, away) where ended_at is null;
create index work_cover_cover on work_cover (tenant, cover) where ended_at is null;

-- The one next step for a person, and its day. The latest counts, until it is done.
create table next_step (
  tenant text not null,
  id uuid not null,
  person uuid not null,
  step text not null,
  due_on text not null,
  recorded_by text not null,
  recorded_at timestamptz not null default loopwell_now(),
  done_by text,
  done_at timestamptz,
  primary key (tenant, id)
);
create index next_step_person on next_step (tenant, person, recorded_at);

-- Notes for the care team only. They never go to a partner, an EHR or paper.
create table care_note (
  tenant text not null,
  id uuid not null,
  person uuid not null,
  body text not null,
  recorded_by text not null,
  recorded_at timestamptz not null default loopwell_now(),
  primary key (tenant, id)
);
create index care_note_person on care_note (tenant, person, recorded_at);

-- A need that no form told of: somebody said it, a clinician ordered it, or it stood on a due list. Its referral goes through the
-- same gates as any other.
create table added_need (
  tenant text not null,
  id uuid not null,
  referral uuid not null,
  person uuid not null,
  -- Code of our catalog of needs.
  need text not null,
  said_by text not null check (said_by in ('person', 'guardian', 'agent', 'clinician', 'due-list')),
  -- Days (YYYY-MM-DD) at the site: when it was said, and by when it is due.
  said_on text not null,
  due_on text,
  -- Personal data, for the care team only.
  words text,
  recorded_by text not null,
  recorded_at timestamptz not null default loopwell_now(),
  primary key (tenant, id)
);
create index added_need_person on added_need (tenant, person);
create unique index added_need_referral on added_need (tenant, referral);

-- Up to three services that were printed or read aloud to a person. Nothing was sent. What the person says later ends it.
create table given_list (
  tenant text not null,
  id uuid not null,
  referral uuid not null,
  person uuid not null,
  -- JSON list: ids of Organizations.
  partners text not null,
  way text not null check (way in ('printed', 'read-aloud')),
  given_by text not null,
  given_at timestamptz not null default loopwell_now(),
  -- What the person said became of it, and on which day.
  said text check (said in ('helped', 'not-helped', 'no-longer-wanted')),
  said_on text,
  recorded_by text,
  recorded_at timestamptz,
  primary key (tenant, id),
  check ((said is null) = (recorded_by is null))
);
create index given_list_referral on given_list (tenant, referral, given_at);
create index given_list_person on given_list (tenant, person);

-- Who lives with a person, as they say: how many, and how old. The latest counts. No chart is found by it.
create table household (
  tenant text not null,
  id uuid not null,
  person uuid not null,
  size integer not null check (size between 1 and 40),
  -- JSON list of whole years.
  ages text not null,
  said_on text not null,
  recorded_by text not null,
  recorded_at timestamptz not null default loopwell_now(),
  primary key (tenant, id)
);
create index household_person on household (tenant, person, recorded_at);

-- The guardian of a minor child, as somebody was told: the only link between the charts of two people. `person` is the child.
create table guardian_link (
  tenant text not null,
  id uuid not null,
  person uuid not null,
  guardian uuid not null,
  said_on text not null,
  recorded_by text not null,
  recorded_at timestamptz not null default loopwell_now(),
  ended_by text,
  ended_at timestamptz,
  primary key (tenant, id)
);
create unique index guardian_link_pair on guardian_link (tenant, person, guardian) where ended_at is null;
create index guardian_link_guardian on guardian_link (tenant, guardian) where ended_at is null;

-- Somebody told us that a person has died. Everything outgoing stops, whatever the chart says, until it turns out to be wrong.
create table reported_death (
  tenant text not null,
  id uuid not null,
  person uuid not null,
  heard_on text not null,
  recorded_by text not null,
  recorded_at timestamptz not null default loopwell_now(),
  corrected_by text,
  corrected_at timestamptz,
  primary key (tenant, id)
);
create index reported_death_person on reported_death (tenant, person) where corrected_at is null;

alter table referral
  -- Who added the need; null where a form told of it.
  add column added_by text,
  -- Why somebody ended it by hand; null where nobody did.
  add column closed_for text check (closed_for in ('helped-elsewhere', 'no-longer-wanted', 'not-reached', 'moved', 'helped-by-list')),
  -- Since when the person has a list of services, of which they have not said what became.
  add column list_given_at timestamptz;
