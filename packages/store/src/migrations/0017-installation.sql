-- What is chosen once for a database, in one row: the system of the identifiers that we give to what we make.
create table installation (
  only_row boolean primary key default true check (only_row),
  identifier_system text not null,
  chosen_at timestamptz not null default now()
);
-- What was made before there was a choice carries the system of that time, and keeps it.
insert into installation (identifier_system)
select 'https://loopwell.example/fhir/NamingSystem/id' where exists (select from made);
