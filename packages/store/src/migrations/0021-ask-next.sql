-- A person has decided to go on after so many Tasks of a referral: what the last of them ended with has been looked at.
alter table referral add column asked_after integer not null default 0;
