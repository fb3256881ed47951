-- The probe asks for the last lease of a stage.
create index ledger_leased on ledger (stage, leased_until) where leased_until is not null;
-- These two served no query.
drop index ledger_person;
drop index history_person;

-- What partners name, and what timelines are asked for: ids of ours and of theirs.
create index referral_order on referral (service_request) where service_request is not null;
create index task_remote on task (remote_id) where remote_id is not null;
create index ehr_copy_ehr_id on ehr_copy (ehr_id) where ehr_id is not null;
create index ehr_copy_referral on ehr_copy (referral) where referral is not null;
create index pulled_source on pulled (source_id) where type = 'Encounter';
create index quarantine_source on quarantine (source_id) where type = 'Encounter';
create index task_reads on task (address, live desc, requested_at desc, id);

-- Conditions and Organizations that an order refers to, so that a read finds the order by what it names.
create function named_in(body text) returns text[] language sql immutable parallel safe as $$
  select coalesce(array_agg(distinct m[1]), '{}') from regexp_matches(body, '/((?:Condition|Organization)/[A-Za-z0-9.-]{1,64})"', 'g') m $$;
create index made_named on made using gin (named_in(body)) where type = 'ServiceRequest';
