-- Which partners a bearer belongs to, with the Endpoint address that it was given for. Organizations that share an Endpoint
-- share its bearer.
create table partner_access (
  tenant text not null,
  fingerprint text not null,
  address text not null,
  partner text not null,
  primary key (tenant, fingerprint, address, partner)
);
insert into partner_access (tenant, fingerprint, address, partner)
  select distinct a.tenant, a.fingerprint, x.address, p.id
    from access_token a cross join lateral unnest(string_to_array(a.partner, E'\n')) x(address)
      join partner p on p.tenant = a.tenant and p.address = x.address
   where a.kind = 'partner';
alter table access_token drop column partner;

-- What a partner may read because of a Task: one resource a row. A read joins these rows and judges nothing itself.
create table disclosure_grant (
  tenant text not null,
  partner text not null,
  type text not null,
  -- The id of the resource, as FHIR has it.
  id text not null,
  task uuid not null,
  referral uuid not null,
  person uuid not null,
  -- What of the resource is shown, separated by blanks; `all` is all that a partner may ever see of it.
  elements text not null,
  -- A personal grant ends with the Task. A record grant ends some time after it.
  class text not null check (class in ('personal', 'record')),
  starts_at timestamptz not null default clock_timestamp(),
  -- The moment from which it shows nothing; null while nothing limits it.
  until timestamptz,
  -- How many milliseconds after the end of its Task a record grant ends.
  after_end_ms bigint not null default 0,
  -- The record of the person has changed, and nobody has judged yet what that means.
  suspended_at timestamptz,
  ended_at timestamptz,
  ended_by text,
  primary key (tenant, partner, type, id, task)
);
-- The longest grant comes first, so that a read looks at one row, however many have run out.
create index disclosure_grant_read on disclosure_grant (tenant, partner, type, id, until desc nulls first)
  where ended_at is null and suspended_at is null;
create index disclosure_grant_task on disclosure_grant (tenant, task, type, id);
create index disclosure_grant_person on disclosure_grant (tenant, person) where ended_at is null;

-- Reads of partners went by these; nothing else does.
drop index if exists task_reads;
drop index if exists task_address;
drop index if exists task_ended;
drop index if exists own_resource_named;
drop function if exists named_in(text);
