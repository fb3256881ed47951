-- What an EHR said when it refused a write. Free words are personal data: they stand apart from the receipt, so that they can
-- be erased, and only reviewers see them.
create table refusal_words (
  made_id uuid primary key references ehr_copy on delete cascade,
  words text not null,
  at timestamptz not null default now()
);
create index ehr_copy_refused on ehr_copy (tenant, changed_at desc, made_id) where state = 'refused';
create index ehr_copy_refused_referral on ehr_copy (referral) where state = 'refused';
