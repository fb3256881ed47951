-- Since when somebody is waited for survives that the row was looked at again in between: a release, a change of the directory,
-- new work. What a row waited for before, and since when, is kept until it is settled.
alter table ledger add column waited_for text, add column waited_since timestamptz;
