-- The tenant leads the keys of referrals, Tasks, receipts, decisions and answers (DECISIONS D137).

alter table task drop constraint task_referral_fkey;

alter table referral drop constraint referral_pkey, add primary key (tenant, id);
alter table task drop constraint task_pkey, add primary key (tenant, id),
  drop constraint task_referral_attempt_key, add unique (tenant, referral, attempt),
  add foreign key (tenant, referral) references referral;
drop index task_one_live;
create unique index task_one_live on task (tenant, referral) where live;
-- A partner is known by the id that its directory gives, which two tenants can share.
drop index if exists task_partner;
create index task_partner on task (tenant, partner) where live;

alter table receipt drop constraint receipt_pkey, add primary key (tenant, key);
drop index receipt_settled;
create index receipt_settled on receipt (tenant, receiver, settled_at) where state = 'settled';

alter table decision drop constraint decision_pkey, add primary key (tenant, id);
alter table consent_decision drop constraint consent_decision_pkey, add primary key (tenant, id);
alter table hold_decision drop constraint hold_decision_pkey, add primary key (tenant, id);
alter table history drop constraint history_pkey, add primary key (tenant, id);
drop index partner_answer_id;
create unique index partner_answer_id on partner_answer (tenant, id);
