-- A screening that says that its person may be in danger, or about which nobody can say that it does not: an answer about
-- safety with a warning. It marks every referral of the person, whoever has looked at it, until the record changes.
alter table screening add column safety boolean not null default false;
-- What is stored already; coding a person again decides it anew. Incarceration is sensitive, and no danger.
update screening set safety = true where issues like '%"code":"sensitive"%' and issues not like '%“Jail or prison”%';
create index screening_safety on screening (person) where safety or danger;
create index referral_danger on referral (person) where danger is not null;
-- What a referral rests on, as a fingerprint of its rules and sentences; null where it was coded before this column came.
alter table referral add column evidence_version text;
-- How many decisions of people it has: whoever has seen fewer of them is told what others decided since.
alter table referral add column people_decided integer not null default 0;
update referral r set people_decided = d.n
  from (select referral, count(*) as n from decision where principal !~ '^(policy|system):' group by referral) d
 where d.referral = r.id;
-- Who looked at which screening, when, and in their words what came of it: outside history, so that words can be erased.
create table screening_look (
  id bigint generated always as identity primary key,
  tenant text not null,
  screening uuid not null,
  person uuid not null,
  principal text not null,
  at timestamptz not null default now(),
  note text
);
create index screening_look_person on screening_look (person, at);
insert into screening_look (tenant, screening, person, principal, at)
select tenant, id, person, seen_by, seen_at from screening where seen_at is not null and seen_by is not null;
