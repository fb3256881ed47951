-- What a person has to look at, whatever else was coded from the same screening, and danger on top.
alter table screening add column warns boolean generated always as (issues like '%"severity":"warning"%') stored;
alter table screening add column danger boolean generated always as (issues like '%"danger":"%') stored;
alter table screening add column seen_at timestamptz;
alter table screening add column seen_by text;
drop index screening_needs_person;
create index screening_attention on screening (tenant, danger desc, changed_at) where warns and seen_at is null;
