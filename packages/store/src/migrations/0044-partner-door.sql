-- == The door of partners: links, helpers, codes, sessions == DECISIONS D195

-- The address that messages to a partner name. It opens nothing without a code of a helper, and each message repeats it, so the token
-- is kept as it is.
create table partner_link (
  tenant text not null,
  token text not null,
  partner text not null,
  made_at timestamptz not null default loopwell_now(),
  ended_at timestamptz,
  ended_by text,
  primary key (tenant, token)
);
create unique index partner_link_now on partner_link (tenant, partner) where ended_at is null;

-- People who answer for a partner. A row stays when they leave, since the account of disclosures names them.
create table partner_helper (
  tenant text not null,
  id uuid not null,
  partner text not null,
  name text not null,
  role text not null check (role in ('director', 'member')),
  -- A keyed digest of the code that they type. The code itself is known to them alone.
  code_digest text,
  code_made_at timestamptz,
  code_used_at timestamptz,
  -- Where one-time codes go to.
  second_way text check (second_way in ('text', 'email')),
  second_address text,
  added_by text not null,
  added_at timestamptz not null default loopwell_now(),
  removed_by text,
  removed_at timestamptz,
  primary key (tenant, id),
  check ((second_way is null) = (second_address is null))
);
create index partner_helper_partner on partner_helper (tenant, partner, added_at);
create unique index partner_helper_code on partner_helper (tenant, partner, code_digest)
  where code_digest is not null and removed_at is null;

-- Browsers that a helper has signed in with.
create table partner_session (
  tenant text not null,
  -- The fingerprint of the cookie's secret.
  fingerprint text not null,
  partner text not null,
  helper uuid not null,
  -- What each form of the session has to bring along.
  form_key text not null,
  opened_at timestamptz not null default loopwell_now(),
  used_at timestamptz not null default loopwell_now(),
  ended_at timestamptz,
  -- While a one-time code is awaited: its digest, until when it counts, and how often it was mistyped.
  second_digest text,
  second_until timestamptz,
  second_wrong integer not null default 0,
  primary key (tenant, fingerprint)
);
create index partner_session_helper on partner_session (tenant, helper, opened_at);
create index partner_session_used on partner_session (tenant, used_at);

-- Wrong codes of a browser, and of its network, by a keyed digest. They slow those alone.
create table partner_wrong_code (
  tenant text not null,
  key text not null,
  wrong integer not null default 0,
  -- The next moment at which a code is looked at.
  next_at timestamptz not null default loopwell_now(),
  forget_at timestamptz not null,
  primary key (tenant, key)
);
create index partner_wrong_code_forget on partner_wrong_code (tenant, forget_at);

-- What happened at the door of a partner: sign-ins, wrong codes, changes of people and codes. Only added to.
create table partner_door_event (
  tenant text not null,
  id bigint generated always as identity,
  at timestamptz not null default loopwell_now(),
  partner text not null,
  kind text not null check (kind in ('signed-in', 'signed-out', 'second-code', 'no-code', 'wrong-code', 'many-wrong-codes',
    'helper-added', 'helper-removed', 'code-changed', 'codes-changed', 'link-changed')),
  -- Whom it is about.
  helper uuid,
  -- A helper (`helper:<id>`), one of the staff, or the system.
  by text not null,
  -- For a code that staff gave: which number they called, and with whom they spoke.
  called text,
  spoke_with text,
  -- The form that asked for it: sent twice, it does it once.
  form text,
  primary key (tenant, id)
);
create index partner_door_event_partner on partner_door_event (tenant, partner, id);
create index partner_door_event_wrong on partner_door_event (tenant, partner, at)
  where kind in ('wrong-code', 'many-wrong-codes');
create unique index partner_door_event_form on partner_door_event (tenant, form) where form is not null;

-- The account of disclosures names the helper who opened a request.
alter table partner_read add column helper uuid;
