-- == Messages to partners ==
-- What went to partners by e-mail and text, and what came back. DECISIONS D191.

-- The receipt of one message: written before it is sent, settled when the answer is known. It holds no words and no address.
create table partner_message (
  tenant text not null,
  -- Goes with the message, so that a message that is sent again is recognized.
  id uuid not null,
  partner text not null,
  way text not null check (way in ('email', 'text')),
  -- Fingerprint of the address.
  receiver text not null,
  kind text not null check (kind in ('partner-new', 'partner-reminder', 'partner-code', 'reply')),
  -- 'unknown': nobody can tell whether it left, and its gateway would not know it again.
  state text not null default 'intended'
    check (state in ('intended', 'accepted', 'delivered', 'refused', 'bounced', 'unknown')),
  -- Why it was not taken so far, or why not at all.
  code text,
  -- The receiver's own id.
  remote_id text,
  attempts integer not null default 0,
  intended_at timestamptz not null default loopwell_now(),
  -- Not sent before this time.
  send_at timestamptz not null default loopwell_now(),
  -- Who sends it now, on the real clock.
  leased_until timestamptz,
  settled_at timestamptz,
  -- When a later report said what became of it.
  reported_at timestamptz,
  primary key (tenant, id)
);
create index partner_message_partner on partner_message (tenant, partner, intended_at);
create index partner_message_receiver on partner_message (tenant, receiver, intended_at);
create index partner_message_remote on partner_message (tenant, remote_id) where remote_id is not null;
-- One message of a kind waits at a time; whatever is new goes into it.
create unique index partner_message_waiting on partner_message (tenant, partner, way, receiver, kind)
  where state = 'intended' and kind in ('partner-new', 'partner-reminder');

-- The Tasks that a message tells of.
create table partner_message_task (
  tenant text not null,
  message uuid not null,
  task uuid not null,
  primary key (tenant, message, task),
  foreign key (tenant, message) references partner_message (tenant, id)
);
create index partner_message_task_task on partner_message_task (tenant, task);

-- A text that came from a number, once each.
create table partner_text (
  tenant text not null,
  -- The gateway's id of it.
  id text not null,
  -- Fingerprint of the number.
  receiver text not null,
  -- JSON: ids of the partners that have this number.
  partners text not null default '[]',
  meaning text not null check (meaning in ('stop', 'start', 'full', 'open', 'help', 'other')),
  -- The words of one that is for the care team; emptied when somebody has seen to it.
  words text,
  -- What somebody still has to do about it is undone until then.
  seen_at timestamptz,
  seen_by text,
  came_at timestamptz not null default loopwell_now(),
  primary key (tenant, id)
);
create index partner_text_unseen on partner_text (tenant, came_at) where seen_at is null;
create index partner_text_receiver on partner_text (tenant, receiver, came_at);

-- A number or mailbox that wants no messages.
create table stopped_receiver (
  tenant text not null,
  receiver text not null,
  way text not null check (way in ('email', 'text')),
  stopped_at timestamptz not null default loopwell_now(),
  -- The text that said so, or the report of a carrier.
  said_in text not null,
  primary key (tenant, way, receiver)
);
