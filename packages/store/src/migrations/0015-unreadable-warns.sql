-- What could not be read is for a person, too: an issue of severity error calls one as a warning does.
drop index screening_attention;
alter table screening drop column warns;
alter table screening add column warns boolean
  generated always as (issues like '%"severity":"warning"%' or issues like '%"severity":"error"%') stored;
create index screening_attention on screening (tenant, danger desc, changed_at) where warns and seen_at is null;
