-- What the review page and the console ask for, each with its sort inside.
create index screening_needs_person on screening (tenant, changed_at) where outcome = 'needsPerson';
create index ledger_failed on ledger (tenant, since) where error_code is not null;
create index receipt_refused on receipt (tenant, receiver) where state = 'refused';
create index ehr_copy_open on ehr_copy (tenant, connection) where state <> 'done';
