-- A referral that nobody could help with waits for a person: why, since when, and by when somebody should have decided.
alter table referral add column without_help text;
alter table referral add column without_help_since timestamptz;
alter table referral add column decide_by timestamptz;
-- Who closed it without help.
alter table referral add column given_up_by text;
-- What earlier releases ended without asking anybody is work again, unless the person has a later referral for the same need.
with again as (
  update referral r
     set state = 'waiting', gate = 'withoutHelp', without_help_since = r.changed_at,
         without_help = case when exists (select 1 from task t where t.referral = r.id and t.status = 'failed')
                             then 'partner-failed' else 'all-declined' end
   where r.state = 'failed'
     and not exists (select 1 from referral l where l.tenant = r.tenant and l.person = r.person
                        and l.category = r.category and l.episode > r.episode)
  returning r.tenant, r.id, r.person, r.trace)
insert into ledger (tenant, stage, subject, person, batch, waits_for, due, trace)
select tenant, 'refer', id::text, person, gen_random_uuid(), 'worker', now(), trace from again
on conflict (stage, subject) do update set generation = ledger.generation + 1, waits_for = 'worker', due = now();
-- A Task that failed, and whose referral is not closed yet, is looked at by the gates now.
insert into ledger (tenant, stage, subject, person, batch, waits_for, due, trace)
select r.tenant, 'refer', r.id::text, r.person, gen_random_uuid(), 'worker', now(), r.trace
  from referral r
 where r.state = 'partner' and not exists (select 1 from task t where t.referral = r.id and t.live)
   and exists (select 1 from task t where t.referral = r.id and t.status = 'failed')
on conflict (stage, subject) do update set generation = ledger.generation + 1, waits_for = 'worker', due = now();
-- Who is asked next once the gates in front of it open, as the sender decided it: until when that consent holds, and whether
-- sending is switched off besides.
alter table referral add column next_partner text;
alter table referral add column next_address text;
alter table referral add column next_until timestamptz;
alter table referral add column send_off boolean not null default false;
-- What waits at the gates already is asked again, so that the sender says it.
update ledger set generation = generation + 1, waits_for = 'worker', due = now()
 where stage = 'refer' and error_code is null and waits_for in ('reviewer', 'operator');
-- Lists of what is with a partner and of what has ended: an index for each, with and without a need.
create index referral_list_partner on referral (tenant, changed_at, id) where state = 'partner';
create index referral_list_closed on referral (tenant, changed_at, id) where state = 'closed';
create index referral_list_failed on referral (tenant, changed_at, id) where state = 'failed';
create index referral_list_withdrawn on referral (tenant, changed_at, id)
  where state = 'withdrawn' and approved_by is distinct from 'system:enrichment';
create index referral_list_refused on referral (tenant, changed_at, id)
  where state = 'withdrawn' and approval = 'refused' and approved_by is distinct from 'system:enrichment';
create index referral_list_gate on referral (tenant, gate, changed_at, id) where state = 'waiting';
create index referral_list_need on referral (tenant, state, category, changed_at, id);
create index referral_list_refused_need on referral (tenant, category, changed_at, id)
  where state = 'withdrawn' and approval = 'refused' and approved_by is distinct from 'system:enrichment';
-- Those of which nobody knows whether they arrived: few, and counted as being with their partner.
create index task_unsent on task (referral) where live and remote_id is null;
-- The status that a Task had when it was recalled.
alter table task add column recalled_from text;
