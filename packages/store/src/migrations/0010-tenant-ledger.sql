-- The tenant leads the key of the ledger and each index that a worker or a probe asks by stage (DECISIONS D137).

alter table ledger drop constraint ledger_pkey, add primary key (tenant, stage, subject);

drop index ledger_batch;
create index ledger_batch on ledger (tenant, stage, batch);
drop index ledger_due;
create index ledger_due on ledger (tenant, stage, due) where waits_for in ('worker', 'partner', 'ehr');
drop index ledger_operator_due;
create index ledger_operator_due on ledger (tenant, stage, due) where waits_for = 'operator' and due < 'infinity';
drop index ledger_leased;
create index ledger_leased on ledger (tenant, stage, leased_until) where leased_until is not null;

-- A subject may be the id of a connection, which two tenants can share.
drop index history_subject;
create index history_subject on history (tenant, subject, at);
drop index history_stage_at;
create index history_stage_at on history (tenant, stage, at);
