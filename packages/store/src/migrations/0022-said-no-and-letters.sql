-- What a no postpones stands under *Later*, letters within a name find a person, and a person says whether help came.

-- == The list of a referral ==
-- Against a person's no nothing is done until they bring it up, or until the day of a *not now*. The other lists are as before.
alter table referral drop column work_list;
alter table referral
  add column work_list text generated always as (
    case
      when state = 'partner' then 'waiting'
      when state = 'closed' then 'helped'
      when state <> 'waiting' or approval = 'refused' or given_up_by is not null then null
      when gate = 'saidNo' then 'later'
      when coalesce(gate, 'review') = 'review' then case when approval = 'approved' then 'waiting' else 'decide' end
      when gate = 'agreement' then
        case when agreement_source = 'reviewer' and agreement_on is not null then 'waiting' else 'ask' end
      when gate = 'consent' then 'signature'
      when gate = 'noServiceCode' then case when service_code is null then 'service' else 'waiting' end
      when gate = 'noPartner' then 'withoutHelp'
      when gate = 'withoutHelp' then case when without_help is null then 'waiting' else 'withoutHelp' end
      else 'waiting'
    end) stored,
  -- The day by which the list *Later* is sorted; what has no day comes last.
  add column later_day text generated always as (
    case when gate = 'saidNo' then '9999-12-31' else postponed_until end) stored;

-- The pages of a list, as in 0019.
create index referral_work_answered on referral (tenant, work_list, (left(since, 10)), human, id) where work_list is not null;
create index referral_work_since on referral (tenant, work_list, gate_since, human, id) where work_list in ('waiting', 'helped');
create index referral_work_need on referral (tenant, work_list, category, (left(since, 10)), human, id) where work_list is not null;
create index referral_work_need_since on referral (tenant, work_list, category, gate_since, human, id)
  where work_list in ('waiting', 'helped');
create index referral_work_human on referral (tenant, work_list, human) include (postponed_until) where work_list is not null;
create index referral_human on referral (tenant, human, work_list);
create index referral_work_later on referral (tenant, later_day, human, id) where later_day is not null and work_list is not null;

-- == Letters within a name ==
-- Each part of a name without its first letters: letters within the name are the beginning of one of these. DECISIONS D159.
alter table person_term drop constraint person_term_kind_check;
alter table person_term add constraint person_term_kind_check check (kind in ('name', 'inside', 'birth', 'mrn', 'phone'));
insert into person_term (tenant, kind, term, patient)
select distinct t.tenant, 'inside', substr(t.term, n), t.patient
  from person_term t, generate_series(2, 59) n
 where t.kind = 'name' and n < length(t.term)
on conflict do nothing;

-- == What the person says about help ==
-- One answer of the person for each referral, the latest one; the earlier ones are in the history.
create table help_answer (
  tenant text not null,
  referral uuid not null,
  -- The Patient's derived id.
  person uuid not null,
  helped boolean not null,
  -- The site's day (YYYY-MM-DD) on which the person said it, and who asked.
  said_on text not null,
  asked_by text not null,
  recorded_by text not null,
  recorded_at timestamptz not null default loopwell_now(),
  primary key (tenant, referral)
);
create index help_answer_person on help_answer (tenant, person);
