-- What an EHR took and stores otherwise than it was sent: neither written nor refused.
alter table ehr_copy drop constraint ehr_copy_state_check;
alter table ehr_copy add constraint ehr_copy_state_check check (state in ('waiting', 'done', 'refused', 'left-out', 'altered'));
-- We marked it as entered in error there, since it said more than we did.
alter table ehr_copy add column taken_back boolean not null default false;

-- Both versions, for reviewers: what was sent and what the EHR has. Personal data stand here, apart from the receipt.
create table altered_copy (
  made_id uuid primary key references ehr_copy on delete cascade,
  -- Names of the elements that differ: JSON.
  lost text not null,
  sent text not null,
  found text not null,
  at timestamptz not null default now()
);
create index ehr_copy_altered on ehr_copy (tenant, changed_at desc, made_id) where state = 'altered';
create index ehr_copy_altered_referral on ehr_copy (referral) where state = 'altered';
