-- What only tells where something comes from (Device, Provenance), and the EHR keeps no such type: left out, and nobody's work.
alter table ehr_copy drop constraint ehr_copy_state_check;
alter table ehr_copy add constraint ehr_copy_state_check check (state in ('waiting', 'done', 'refused', 'left-out'));
create index ehr_copy_left_out on ehr_copy (connection, type) where state = 'left-out';
-- Earlier releases counted a Device that the EHR refused as refused in every run.
update ehr_copy set state = 'left-out' where type = 'Device' and state = 'refused';
-- It is open no more than what is done.
drop index ehr_copy_open;
create index ehr_copy_open on ehr_copy (tenant, connection) where state not in ('done', 'left-out');
