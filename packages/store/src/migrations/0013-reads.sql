-- Under which consent each Task went, and when it ended: what its partner may read follows from both.
alter table consent_decision add column task uuid;
alter table task add column ended_at timestamptz;
update task set ended_at = changed_at where not live;
create index task_ended on task (address, ended_at) where not live;
-- Why a referral was withdrawn: what was taken back, or that the person has died or their record is not in use any more.
alter table referral add column ended_reason text;
