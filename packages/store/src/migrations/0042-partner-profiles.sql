-- What people write about a partner, beside the directory's file. DECISIONS D189.

-- What counts before the file, as JSON: hours, how people come, capacity, pause, number a week, kind, agreement,
-- confidentiality, phone, places. A null in it says that there is nothing, whatever the file says.
create table partner_profile (
  tenant text not null,
  -- The id of the Organization.
  partner text not null,
  edits text not null,
  edited_by text not null,
  edited_at timestamptz not null default loopwell_now(),
  primary key (tenant, partner)
);

-- Each change of it, with what was written. Rows are never changed.
create table partner_profile_edit (
  tenant text not null,
  id uuid not null,
  partner text not null,
  changes text not null,
  edited_by text not null,
  edited_at timestamptz not null default loopwell_now(),
  primary key (tenant, id)
);
create index partner_profile_edit_latest on partner_profile_edit (tenant, partner, edited_at desc);

-- Why no partner may be asked now although some serve the need, and until when, as the sender decided.
alter table referral
  add column partner_wait text,
  add column partner_wait_until timestamptz;
