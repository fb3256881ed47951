-- == A person's no, and the tries to reach them ==
-- DECISIONS D152. `person` is a Patient's derived id, as in all tables. A no and a try belong to the human being: they are read
-- over all Patients of the same human, so that a link that moves leaves them right.

create table person_no (
  tenant text not null,
  id uuid not null,
  person uuid not null,
  kind text not null check (kind in ('not-now', 'not-this-help', 'not-this-place', 'dont-ask-again')),
  -- The category of help that it is about; null for every help.
  category text,
  -- The Organization that the person does not want.
  partner text,
  -- Days (YYYY-MM-DD) at the site: from when they may be asked again, and when the no was said.
  until text,
  said_on text not null,
  -- Who said it: the person, or a guardian or agent for them.
  said_by text not null check (said_by in ('person', 'guardian', 'agent')),
  -- The one that it was said to: the name of a person here, or `partner:<id>`.
  said_to text not null,
  -- Free text for the care team only; personal data.
  note text,
  -- The referral that it was said about, where it was about one.
  referral uuid,
  recorded_by text not null,
  recorded_at timestamptz not null default loopwell_now(),
  -- The day on which the person brought it up again, and who wrote that down. It ends the no.
  brought_up_on text,
  lifted_by text,
  lifted_at timestamptz,
  primary key (tenant, id),
  check ((kind = 'not-now') = (until is not null)),
  check ((kind = 'not-this-place') = (partner is not null)),
  check (kind <> 'not-this-help' or category is not null),
  check ((brought_up_on is null) = (lifted_by is null))
);
create index person_no_person on person_no (tenant, person);

-- A try to reach a person. The row is there before anybody calls or writes: it takes one of the few tries that there are.
create table contact_try (
  tenant text not null,
  id uuid not null,
  person uuid not null,
  -- The site's day (YYYY-MM-DD) that it counts for.
  day text not null,
  channel text not null check (channel in ('call', 'text', 'email', 'letter', 'relay', 'inPerson', 'clinic')),
  -- Null while its end is not recorded.
  outcome text check (outcome in ('spoke', 'no-answer', 'left-message', 'someone-else', 'wrong-number', 'not-made')),
  -- The category of help that it was about, the partner that made it, and the referral, where there is one.
  category text,
  partner text,
  referral uuid,
  -- Somebody else answered: whether they were told why we called. True makes it an incident.
  said_why boolean,
  -- The way was not the person's: a message was left where they had not allowed it.
  is_incident boolean not null default false,
  note text,
  reserved_by text not null,
  reserved_at timestamptz not null default loopwell_now(),
  recorded_by text,
  recorded_at timestamptz,
  primary key (tenant, id)
);
create index contact_try_person on contact_try (tenant, person, day);
create index contact_try_incident on contact_try (tenant, recorded_at) where is_incident;
