-- What is chosen once for a database, in one row: the system of the identifiers that we give to what we make.
create table installation (
  only_row boolean primary key default true check (only_row),
  identifier_system text not null,
  chosen_at timestamptz not null default now()
);
-- What was made before there was a choice carries the system of that time, and keeps it.
insert into installation (identifier_system)
select 'https://loopwell.example/fhir/NamingSystem/id' where exists (select from made);

-- Id of the EHR's own order that ours fulfils, as it was when ours was made.
alter table referral add column ehr_order text;
-- change: the end of the EHR's own order, as JSON; only status and note of that order are written, and nothing of ours.
alter table ehr_copy add column change text;
