-- What a process needs to open a connection by itself. `given`: whoever runs it brings the credentials along.
alter table connection
  add column credentials text not null default 'given' check (credentials in ('given', 'none', 'bearer', 'smart-backend')),
  -- Client id, key id, token endpoint, scopes: JSON, nothing secret.
  add column client text not null default '{}',
  -- Bearer or private key, sealed (AES-256-GCM) with a key that only the processes know.
  add column secret text,
  add column patients text not null default '[]',
  add column since timestamptz,
  add column revision integer not null default 1,
  add column changed_at timestamptz not null default now();

-- Bearers that we send to partners, by the address of their Endpoint, sealed.
create table partner_bearer (
  tenant text not null,
  address text not null,
  send text not null,
  changed_at timestamptz not null default now(),
  primary key (tenant, address)
);
