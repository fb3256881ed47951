-- What a worklist is sorted and filtered by, and what reviewers decide about a suggestion beside yes and no.
-- danger: somebody may come to harm soon, in a few words. confirmed: every Condition of it is confirmed in the EHR.
-- codes_chosen: the code that a person chose instead of the suggested one, by Condition, as JSON.
alter table referral add column danger text;
alter table referral add column confirmed boolean not null default false;
alter table referral add column postponed_until text;
alter table referral add column codes_chosen text;
-- doubted: somebody had decided on it, and what it rested on is gone.
alter table referral add column doubted boolean not null default false;
alter table evidence add column authored text;
create index referral_worklist on referral (tenant, gate, (danger is null), changed_at, id) where state = 'waiting';
-- What is open already is labeled from its evidence; coding a person again does the same.
update referral r set danger = 'utilities are shut off'
  from evidence e
 where r.state in ('waiting', 'partner') and e.person = r.person and e.rule = 'ahc-hrsn/96779-4/LA32002-0'
   and r.conditions like '%"' || e.condition || '"%';
