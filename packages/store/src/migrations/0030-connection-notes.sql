-- What operators should know of a connection as a whole, one of each kind: until when the EHR locks us out, and which scopes
-- its token does not have. Sentences of ours, with types, scopes and instants only.
create table connection_note (
  tenant text not null,
  connection text not null,
  kind text not null check (kind in ('locked-out', 'scopes')),
  says text not null,
  until timestamptz,
  at timestamptz not null default now(),
  primary key (connection, kind)
);
