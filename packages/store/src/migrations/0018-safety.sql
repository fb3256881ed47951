-- == Safety ==

-- The kind of a danger, and the day by which something must happen (YYYY-MM-DD, at the site). Words of a danger are shown to
-- nobody who did not open them.
alter table referral
  add column danger_kind text check (danger_kind in ('see-first', 'call-today')),
  add column must_by text check (must_by ~ '^\d{4}-\d{2}-\d{2}$');
-- Until now only answers about utilities that are shut off named a danger in a referral.
update referral set danger_kind = 'call-today' where danger is not null;
create index referral_dated on referral (tenant, must_by, danger_since, id)
  where state = 'waiting' and (danger is not null or must_by is not null);
create index referral_dated_person on referral (tenant, person) where must_by is not null;
-- What the answers about safety of a screening say, whatever resources they came in; null for screenings stored before.
alter table screening add column safety_says text;
create index screening_endangers on screening (tenant, person) where safety or danger;

-- What somebody did for a person to be seen first, one row for each of their Patients. Only added to. No column says who hurt
-- the person or where they went.
create table safety_record (
  tenant text not null,
  id uuid not null,
  -- The derived id of one Patient of the person.
  person uuid not null,
  action text not null check (action in ('talked-alone', 'could-not-talk-alone', 'does-not-want-this-now',
    'reached-advocate', 'answered-by-mistake')),
  -- How to reach the person without danger, in the words that they said alone.
  safe_way text,
  -- JSON list: the answers that stood then, each by what it said.
  covers text not null,
  principal text not null,
  at timestamptz not null default loopwell_now(),
  primary key (tenant, id, person)
);
create index safety_record_person on safety_record (tenant, person, at);

-- Which answers about safety a record covers, and what it ends for them. An answer that says something else has another version.
create table safety_cover (
  tenant text not null,
  -- The id of a screening, or of a referral that names a danger.
  source uuid not null,
  version text not null,
  record uuid not null,
  -- The answer was a mistake: the mark goes.
  ends_mark boolean not null,
  -- Nothing more is to be done now.
  ends_work boolean not null,
  -- There is a safe way, so that contact may follow it.
  ends_block boolean not null,
  primary key (tenant, source, version, record)
);

-- A clinician decided that a person may be contacted although nobody has spoken with them alone, because their life is in danger.
create table contact_override (
  tenant text not null,
  id uuid not null,
  person uuid not null,
  principal text not null,
  reason text not null,
  at timestamptz not null default loopwell_now(),
  until timestamptz not null,
  primary key (tenant, id)
);
create index contact_override_person on contact_override (tenant, person, until);

-- The next appointment of a person, where the EHR gives none and somebody has typed it in. Only the latest counts.
create table typed_appointment (
  tenant text not null,
  person uuid not null,
  at timestamptz not null,
  place text,
  principal text not null,
  typed_at timestamptz not null default loopwell_now(),
  primary key (tenant, person)
);
