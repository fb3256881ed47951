alter table pull_lane
  -- Newest _lastUpdated that complete windows have shown: the EHR's own clock. The next window begins no later.
  add column newest timestamptz,
  -- Why this is not read, or not all of it: JSON of codes and numbers; and since when.
  add column gap text,
  add column gap_since timestamptz,
  -- Who closed the gap: the type counts as read.
  add column closed_by text,
  -- What was noticed in the last window: JSON list of codes.
  add column noticed text;

-- How searches of a type are asked where the EHR refuses the usual form: what worked, and what it had refused with.
create table search_form (
  connection text not null references connection on delete cascade,
  type text not null,
  by_patient boolean not null,
  tenant text not null,
  form text not null,
  status integer,
  issue_code text,
  learned_at timestamptz not null default now(),
  primary key (connection, type, by_patient)
);

alter table connection
  -- Other addresses under which the EHR names itself in its links: JSON list.
  add column aliases text not null default '[]',
  -- How /metadata was answered when it was last looked at.
  add column metadata_status integer;

create index pull_lane_type on pull_lane (connection, type, scope);
create index pull_lane_gap on pull_lane (tenant) where gap is not null;

-- Cursors that are not read, or not all of it. A type that is refused across patients counts for its patients' cursors once there
-- are any; those of patients, not any more where the type has been read for everyone.
create view unread_lane as
  select l.tenant, l.connection, l.type, l.scope, l.id, l.gap, l.gap_since as since, l.closed_by
    from pull_lane l
    left join pull_lane w on l.scope <> '' and w.connection = l.connection and w.type = l.type and w.scope = ''
   where l.gap is not null
     and not (l.scope = '' and l.gap::jsonb ->> 'kind' = 'refused'
              and exists (select 1 from pull_lane o where o.connection = l.connection and o.type = l.type and o.scope <> ''))
     and not (w.upto is not null and w.gap is null)
  union all
  select l.tenant, l.connection, l.type, l.scope, l.id,
         json_build_object('kind', 'failed', 'code', d.error_code, 'status', (d.error_facts::jsonb ->> 'status')::integer)::text, d.since, null
    from ledger d join pull_lane l on l.id = d.subject
   where d.stage = 'pull' and d.error_code is not null and d.waits_for = 'operator' and l.gap is null;
