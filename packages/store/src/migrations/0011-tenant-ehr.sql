-- The tenant leads the keys of what is read from EHRs and written to them (DECISIONS D137): two tenants may have connections, Patients
-- and cursors of the same ids. Indexes by an id of somebody else (a connection, a source id, an id in the EHR) begin with the
-- tenant. Those by an id that we derive from the tenant (a person, a referral, a trace) need no more than that id.

alter table search_form drop constraint search_form_connection_fkey;
alter table pull_cursor drop constraint pull_cursor_connection_fkey;
alter table refusal_words drop constraint refusal_words_own_resource_fkey;
alter table altered_write drop constraint altered_write_own_resource_fkey;

alter table connection drop constraint connection_pkey, add primary key (tenant, id);
alter table connection_note drop constraint connection_note_pkey, add primary key (tenant, connection, kind);
alter table search_form drop constraint search_form_pkey, add primary key (tenant, connection, type, by_patient),
  add foreign key (tenant, connection) references connection on delete cascade;
alter table pull_cursor drop constraint pull_cursor_pkey, add primary key (tenant, id),
  add foreign key (tenant, connection) references connection;
drop index pull_cursor_type;
create index pull_cursor_type on pull_cursor (tenant, connection, type, scope);

alter table ehr_resource drop constraint ehr_resource_pkey, add primary key (tenant, connection, type, source_id);
drop index ehr_resource_source;
create index ehr_resource_source on ehr_resource (tenant, source_id) where type = 'Encounter';

-- An earlier version is of the tenant of its connection, whose id was unique until now.
alter table ehr_resource_version add column tenant text;
update ehr_resource_version v set tenant = c.tenant from connection c where c.id = v.connection;
update ehr_resource_version v set tenant = r.tenant from ehr_resource r
 where v.tenant is null and (r.connection, r.type, r.source_id) = (v.connection, v.type, v.source_id);
alter table ehr_resource_version alter column tenant set not null,
  drop constraint ehr_resource_version_pkey, add primary key (tenant, connection, type, source_id, version_id);

alter table quarantine drop constraint quarantine_pkey, add primary key (tenant, connection, type, source_id);
drop index quarantine_source;
create index quarantine_source on quarantine (tenant, source_id) where type = 'Encounter';

alter table refusal_words add column tenant text;
update refusal_words w set tenant = b.tenant from write_back b where b.own_resource = w.own_resource;
alter table altered_write add column tenant text;
update altered_write a set tenant = b.tenant from write_back b where b.own_resource = a.own_resource;
alter table write_back drop constraint write_back_pkey, add primary key (tenant, own_resource);
alter table refusal_words alter column tenant set not null, drop constraint refusal_words_pkey, add primary key (tenant, own_resource),
  add foreign key (tenant, own_resource) references write_back on delete cascade;
alter table altered_write alter column tenant set not null, drop constraint altered_write_pkey, add primary key (tenant, own_resource),
  add foreign key (tenant, own_resource) references write_back on delete cascade;
drop index write_back_ehr_id;
create index write_back_ehr_id on write_back (tenant, ehr_id) where ehr_id is not null;
drop index write_back_left_out;
create index write_back_left_out on write_back (tenant, connection, type) where state = 'left-out';

create or replace view unread_cursor as
  select l.tenant, l.connection, l.type, l.scope, l.id, l.gap, l.gap_since as since, l.closed_by
    from pull_cursor l
    left join pull_cursor w on l.scope <> '' and w.tenant = l.tenant and w.connection = l.connection and w.type = l.type and w.scope = ''
   where l.gap is not null
     and not (l.scope = '' and l.gap::jsonb ->> 'kind' = 'refused'
              and exists (select 1 from pull_cursor o
                           where o.tenant = l.tenant and o.connection = l.connection and o.type = l.type and o.scope <> ''))
     and not (w.upto is not null and w.gap is null)
  union all
  select l.tenant, l.connection, l.type, l.scope, l.id,
         json_build_object('kind', 'failed', 'code', d.error_code, 'status', (d.error_facts::jsonb ->> 'status')::integer)::text, d.since, null
    from ledger d join pull_cursor l on l.tenant = d.tenant and l.id = d.subject
   where d.stage = 'pull' and d.error_code is not null and d.waits_for = 'operator' and l.gap is null;
