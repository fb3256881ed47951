-- == On duty ==
-- Who is told when a person needs someone soon, and that they were told. DECISIONS D151.

-- The people on duty, in the order in which they are told, one row for each tenant.
create table on_duty (
  tenant text primary key,
  -- Grows with each change: whoever changes an older version is told.
  version integer not null default 0,
  -- JSON: names, e-mail addresses and webhooks of people on duty. Secrets of webhooks are sealed.
  people text not null default '[]',
  -- The number to call, which each message names; null until somebody has set it.
  phone text,
  changed_at timestamptz not null default loopwell_now(),
  changed_by text not null
);

-- Every version that there was, the current one among them. Only added to.
create table on_duty_version (
  tenant text not null,
  version integer not null,
  people text not null,
  phone text,
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (tenant, version)
);

create function keep_on_duty_version() returns trigger language plpgsql as $$
begin
  insert into loopwell.on_duty_version (tenant, version, people, phone, changed_at, changed_by)
  values (new.tenant, new.version, new.people, new.phone, new.changed_at, new.changed_by);
  return null;
end $$;
create trigger keep_on_duty_version after insert or update on on_duty for each row execute function keep_on_duty_version();

-- One answer of one person by which somebody on duty is told, until somebody takes it.
create table duty_alert (
  tenant text not null,
  id uuid not null,
  -- The derived id of one EHR's Patient; null for the one summary of a first load and of old answers.
  person uuid,
  kind text not null check (kind in ('see-first', 'call-today', 'summary')),
  -- The id of the answer that raised it: the same answer raises it once.
  source text not null,
  raised_at timestamptz not null default loopwell_now(),
  -- When somebody is told next; null where it stands on the lists only, or nobody needs to be told again.
  next_at timestamptz,
  -- Rounds in which somebody was told.
  rounds integer not null default 0,
  -- When somebody was told first and last.
  first_told_at timestamptz,
  told_at timestamptz,
  -- Why nobody could be told in the last round.
  problem text,
  -- Who works it: the latest holder may finish the round.
  fence integer not null default 0,
  leased_until timestamptz,
  taken_at timestamptz,
  taken_by text,
  primary key (tenant, id)
);
create unique index duty_alert_source on duty_alert (tenant, person, kind, source);
create unique index duty_alert_summary on duty_alert (tenant, kind) where kind = 'summary' and next_at is not null;
create index duty_alert_due on duty_alert (tenant, next_at) where next_at is not null;
create index duty_alert_open on duty_alert (tenant, person) where taken_at is null;

-- The receipt of one message to one person on duty: written before it is sent, settled when the answer is known.
create table duty_message (
  tenant text not null,
  -- Goes with the message, so that a message that is sent again is recognized.
  id uuid not null,
  alerts uuid[] not null,
  -- The name of the person on duty.
  name text not null,
  way text not null check (way in ('email', 'webhook')),
  -- Fingerprint of the address: a receiver's budget is counted by it.
  receiver text not null,
  state text not null default 'intended' check (state in ('intended', 'accepted', 'failed')),
  -- Why it failed, as a code.
  code text,
  attempts integer not null default 1,
  intended_at timestamptz not null default loopwell_now(),
  settled_at timestamptz,
  primary key (tenant, id)
);
create index duty_message_receiver on duty_message (tenant, receiver, intended_at);
create index duty_message_intended on duty_message (tenant, intended_at);
create index duty_message_unsettled on duty_message (tenant) where state = 'intended';
