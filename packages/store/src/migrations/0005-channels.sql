-- == Channels ==
-- DECISIONS D134.

alter table partner
  -- The channel by which the partner is reached, by its id.
  add column kind text not null default 'fhir-rest',
  -- The settings of its Endpoint as JSON, without the address. Secret ones are sealed.
  add column settings text not null default '{}';

-- Services of the directory that cannot be used here, and why. The rest of the directory is in use.
create table directory_problem (
  tenant text not null,
  service text not null,
  rule text not null,
  primary key (tenant, service, rule)
);
