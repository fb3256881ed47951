-- Lists by work, one row for each human being, and the search for a person.

-- The human being of the referral: the person to whom the Patient's link was moved, else the Patient's own.
alter table referral
  add column human uuid generated always as (coalesce(linked_person, person)) stored,
  -- The list on which the referral stands, by what has to be done next; null where nothing is left to do. What was postponed
  -- to a later day stands on the list `later` until that day, which no column can know. Whatever waits for no person waits
  -- for the partner, or for Loopwell to go on.
  add column work_list text generated always as (
    case
      when state = 'partner' then 'waiting'
      when state = 'closed' then 'helped'
      when state <> 'waiting' or approval = 'refused' or given_up_by is not null then null
      when coalesce(gate, 'review') = 'review' then case when approval = 'approved' then 'waiting' else 'decide' end
      when gate = 'agreement' then
        case when agreement_source = 'reviewer' and agreement_on is not null then 'waiting' else 'ask' end
      when gate = 'consent' then 'signature'
      when gate = 'noServiceCode' then case when service_code is null then 'service' else 'waiting' end
      when gate = 'noPartner' then 'withoutHelp'
      when gate = 'withoutHelp' then case when without_help is null then 'waiting' else 'withoutHelp' end
      else 'waiting'
    end) stored;

-- The pages of a list: oldest answer first, or longest where it stands; with and without a need.
create index referral_work_answered on referral (tenant, work_list, (left(since, 10)), human, id) where work_list is not null;
create index referral_work_since on referral (tenant, work_list, gate_since, human, id) where work_list in ('waiting', 'helped');
create index referral_work_need on referral (tenant, work_list, category, (left(since, 10)), human, id) where work_list is not null;
create index referral_work_need_since on referral (tenant, work_list, category, gate_since, human, id)
  where work_list in ('waiting', 'helped');
-- How many people a list has, and the referrals of one of them.
create index referral_work_human on referral (tenant, work_list, human) include (postponed_until) where work_list is not null;
create index referral_human on referral (tenant, human, work_list);
create index referral_work_later on referral (tenant, postponed_until, human, id)
  where postponed_until is not null and work_list is not null;

-- The words, numbers and days by which a person is found: a row for each part of each name of a Patient, former names among
-- them, each identifier, the birth date, and the digits of each of the person's own phone numbers. Accents and case are folded.
create table person_term (
  tenant text not null,
  kind text not null check (kind in ('name', 'birth', 'mrn', 'phone')),
  term text collate "C" not null,
  -- The Patient's derived id.
  patient uuid not null,
  primary key (tenant, kind, term, patient)
);
create index person_term_patient on person_term (tenant, patient, kind, term);

-- What a signed-in person searched for, for a short time. Its address has the random id alone, and opens for nobody else.
create table person_search (
  tenant text not null,
  id uuid not null,
  principal text not null,
  typed text not null,
  until timestamptz not null,
  primary key (tenant, id)
);
create index person_search_until on person_search (tenant, until);

-- Patients that were stored before are read again, which writes their terms.
update patient_link set unread = true;
