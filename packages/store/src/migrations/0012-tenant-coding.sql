-- The tenant leads the keys of what Loopwell makes, and of who may come in (DECISIONS D137).

alter table own_resource drop constraint own_resource_pkey, add primary key (tenant, id);
alter table own_resource_version add column tenant text;
update own_resource_version v set tenant = r.tenant from own_resource r where r.id = v.id;
alter table own_resource_version alter column tenant set not null,
  drop constraint own_resource_version_pkey, add primary key (tenant, id, version);

alter table screening drop constraint screening_pkey, add primary key (tenant, id);
drop index screening_encounter;
create index screening_encounter on screening (tenant, connection, encounter);
alter table screening_review drop constraint screening_review_pkey, add primary key (tenant, id);
alter table evidence drop constraint evidence_pkey, add primary key (tenant, condition, observation);

-- A fingerprint is of a random secret. A process asks for those of its tenant only.
alter table access_token drop constraint access_token_pkey, add primary key (tenant, fingerprint);
