-- The tables of the floor as they stood at commit ab79bbd, with their indexes and triggers. They are frozen: the floor is the
-- anchor of the bench and must not move when the product's tables do.
create schema loopwell;
set search_path = loopwell;

create table ehr_resource (
  tenant text not null,
  connection text not null,
  type text not null,
  source_id text not null,
  version_id text not null,
  person uuid not null,
  last_updated timestamptz,
  body text not null,
  -- Derived from the Encounter that it is about, or from itself; what is made of it carries it on.
  trace uuid,
  pulled_at timestamptz not null default now(),
  primary key (connection, type, source_id)
);
create index ehr_resource_trace on ehr_resource (trace) where trace is not null;
create index ehr_resource_person on ehr_resource (person, type);
-- Timelines are asked for by an Encounter's id.
create index ehr_resource_source on ehr_resource (source_id) where type = 'Encounter';

create table own_resource (
  id uuid primary key,
  tenant text not null,
  connection text not null,
  type text not null,
  person uuid not null,
  version integer not null default 1,
  body text not null,
  hash text not null,
  trace uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index own_resource_person on own_resource (person, type);
create index own_resource_trace on own_resource (trace) where trace is not null;

-- Conditions and Organizations that an order refers to, so that a read finds the order by what it names.
create function named_in(body text) returns text[] language sql immutable parallel safe as $$
  select coalesce(array_agg(distinct m[1]), '{}') from regexp_matches(body, '/((?:Condition|Organization)/[A-Za-z0-9.-]{1,64})"', 'g') m $$;
create index own_resource_named on own_resource using gin (named_in(body)) where type = 'ServiceRequest';

create table screening (
  id uuid primary key,
  tenant text not null,
  connection text not null,
  person uuid not null,
  instrument text not null,
  authored text not null,
  encounter text,
  outcome text not null,
  quarantine text,
  sources text not null,
  issues text not null,
  changed_at timestamptz not null default now(),
  -- It has something that a person has to look at, whatever else was coded from it; danger comes first.
  warns boolean
    generated always as (issues like '%"severity":"warning"%' or issues like '%"severity":"error"%') stored,
  danger boolean generated always as (issues like '%"danger":"%') stored,
  -- It says that its person may be in danger, or nobody can say that it does not: an answer about safety with a warning. It
  -- marks every referral of the person, whoever has looked at it, until the record changes.
  safety boolean not null default false,
  seen_at timestamptz,
  seen_by text,
  -- Since when somebody should look at a screening that warns of a danger.
  asks_since timestamptz not null default now(),
  trace uuid
);
create index screening_trace on screening (trace) where trace is not null;
create index screening_person on screening (person);
create index screening_encounter on screening (connection, encounter);
create index screening_attention on screening (tenant, danger desc, changed_at) where warns and seen_at is null;
create index screening_safety on screening (person) where safety or danger;
create index screening_asks on screening (tenant, asks_since) where warns and seen_at is null and (danger or safety);
create index screening_quarantined on screening (tenant, changed_at) where outcome = 'quarantined';

create table evidence (
  condition text not null,
  observation text not null,
  tenant text not null,
  person uuid not null,
  source text not null,
  rule text not null,
  rule_version text not null,
  code_systems text not null,
  sentence text not null,
  authored text,
  added_at timestamptz not null default now(),
  primary key (condition, observation)
);
create index evidence_person on evidence (person);

create table referral (
  id uuid primary key,
  tenant text not null,
  connection text not null,
  person uuid not null,
  category text not null,
  episode integer not null default 1,
  state text not null default 'waiting' check (state in ('waiting', 'partner', 'closed', 'failed', 'withdrawn')),
  -- Where a waiting referral waits; null is review.
  gate text,
  -- Since when it has been where it is. `changed_at` moves with anything about it.
  gate_since timestamptz not null default now(),
  unambiguous boolean not null,
  sensitive boolean not null,
  -- JSON list: ids of Conditions of ours, and `Condition/<id>` of the EHR.
  conditions text not null,
  since text not null,
  -- Fingerprint of the rules and sentences that it rests on.
  evidence_version text,
  -- Somebody may come to harm soon: what, in a few words, and since when.
  danger text,
  danger_since timestamptz,
  -- It rests on something with a restricting security label: who may let it go, and to whom.
  restriction text check (restriction in ('one-recipient', 'named-consent')),
  approval text,
  approved_by text,
  approved_at timestamptz,
  -- The only partner that it may go to, where whoever approved it named one.
  recipient text,
  -- How many decisions of people it has: whoever has seen fewer of them is told what others decided since.
  people_decided integer not null default 0,
  -- Every Condition of it is confirmed in the EHR: a clinician has said yes there.
  confirmed boolean not null default false,
  -- Somebody had decided on it, and what it rested on is gone.
  doubted boolean not null default false,
  -- Day (YYYY-MM-DD) on which a reviewer wants to see it again.
  postponed_until text,
  -- The code that a person chose instead of the suggested one, by Condition, as JSON.
  codes_chosen text,
  agreement_on text,
  agreement_by text,
  agreement_source text,
  agreement_withdrawn_at timestamptz,
  consent_recorded text,
  service_code text,
  service_chosen_by text,
  service_request uuid,
  -- Id of the EHR's own order that ours fulfills, as it was when ours was made.
  ehr_order text,
  -- Who is asked next once the gates in front of it open, as the sender decided it: until when that consent holds, and whether
  -- sending is switched off besides.
  next_partner text,
  next_address text,
  next_until timestamptz,
  send_off boolean not null default false,
  sent boolean not null default false,
  -- Nobody could help, and a person decides: why, since when, by when, and who closed it without help.
  without_help text,
  without_help_since timestamptz,
  decide_by timestamptz,
  given_up_by text,
  -- A person has decided to go on after so many of its Tasks: what the last of them ended with has been looked at.
  asked_after integer not null default 0,
  ended_reason text,
  trace uuid not null,
  changed_at timestamptz not null default now(),
  unique (tenant, person, category, episode)
);
create index referral_person on referral (person);
create index referral_trace on referral (trace);
create index referral_danger on referral (person) where danger is not null;
create index referral_order on referral (service_request) where service_request is not null;
create index referral_gate on referral (tenant, state, gate, changed_at);
create index referral_gate_since on referral (tenant, (coalesce(gate, 'review')), gate_since) where state = 'waiting';
create index referral_danger_since on referral (tenant, danger_since) where state = 'waiting' and danger is not null;
create index referral_partner_since on referral (tenant, gate_since) where state = 'partner';
-- What nobody could help with: the oldest, and those about which nobody has decided in time.
create index referral_without_help on referral (tenant, without_help_since) where state = 'waiting' and gate = 'withoutHelp';
create index referral_decide_by on referral (tenant, decide_by) where state = 'waiting' and gate = 'withoutHelp';
-- The worklist and the lists of what is with a partner and of what has ended: an index for each, with and without a need.
create index referral_worklist on referral (tenant, gate, (danger is null), changed_at, id) where state = 'waiting';
create index referral_list_gate on referral (tenant, gate, changed_at, id) where state = 'waiting';
create index referral_list_partner on referral (tenant, changed_at, id) where state = 'partner';
create index referral_list_partner_danger on referral (tenant, (danger is null), changed_at, id) where state = 'partner';
create index referral_list_closed on referral (tenant, changed_at, id) where state = 'closed';
create index referral_list_failed on referral (tenant, changed_at, id) where state = 'failed';
create index referral_list_withdrawn on referral (tenant, changed_at, id)
  where state = 'withdrawn' and approved_by is distinct from 'system:enrichment';
create index referral_list_refused on referral (tenant, changed_at, id)
  where state = 'withdrawn' and approval = 'refused' and approved_by is distinct from 'system:enrichment';
create index referral_list_need on referral (tenant, state, category, changed_at, id);
create index referral_list_refused_need on referral (tenant, category, changed_at, id)
  where state = 'withdrawn' and approval = 'refused' and approved_by is distinct from 'system:enrichment';

create function referral_since() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' or (new.state, coalesce(new.gate, 'review')) is distinct from (old.state, coalesce(old.gate, 'review')) then
    new.gate_since := now();
  end if;
  if new.danger is null then
    new.danger_since := null;
  elsif tg_op = 'INSERT' or old.danger is null then
    new.danger_since := now();
  end if;
  return new;
end $$;
create trigger referral_since before insert or update of state, gate, danger on referral
  for each row execute function referral_since();

create table running_total_change (
  tenant text not null,
  kind text not null,
  a text not null,
  b text not null,
  n bigint not null
);
create function count_referral() returns trigger language plpgsql as $body$
begin
  insert into loopwell.running_total_change (tenant, kind, a, b, n)
  select tenant, kind, a, b, sum(n)
    from (select *, 1 as n
            from (select tenant, 'referral' as kind, state as a, case when state = 'waiting' then coalesce(gate, 'review') else '' end as b
                    from added where state <> 'withdrawn' or approved_by is distinct from 'system:enrichment'
                  union all select tenant, 'sent', '', '' from added where sent) came) every
   group by 1, 2, 3, 4 having sum(n) <> 0;
  return null;
end $body$;
create trigger count_inserted after insert on referral referencing new table as added
  for each statement execute function count_referral();
