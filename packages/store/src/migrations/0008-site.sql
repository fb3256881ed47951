-- == Site ==

-- What a site decides, one row for each tenant. Flags and the environment fill what is not set yet; people change it.
create table site (
  tenant text primary key,
  -- Grows with each change: whoever changes an older version is told.
  version integer not null default 1,
  -- JSON (SiteFields). A field that is absent was never set; one that is null was left empty.
  settings text not null default '{}',
  -- System of the identifiers that our resources carry. It stays once a resource was made.
  identifier_system text,
  changed_at timestamptz not null default loopwell_now(),
  changed_by text not null
);

-- Every version that there was, the current one among them. Only added to.
create table site_version (
  tenant text not null,
  version integer not null,
  settings text not null,
  identifier_system text,
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (tenant, version)
);

create function keep_site_version() returns trigger language plpgsql as $$
begin
  insert into loopwell.site_version (tenant, version, settings, identifier_system, changed_at, changed_by)
  values (new.tenant, new.version, new.settings, new.identifier_system, new.changed_at, new.changed_by);
  return null;
end $$;
create trigger keep_site_version after insert or update on site for each row execute function keep_site_version();

-- The identifier system was one for the database; now each tenant has its own.
insert into site (tenant, identifier_system, changed_by)
select distinct c.tenant, i.identifier_system, 'system:migration' from connection c cross join installation i;
drop table installation;
