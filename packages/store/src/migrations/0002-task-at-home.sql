-- == The Task lives here ==
-- DECISIONS D131.

-- How a Task went out, one row for each delivery: a Task may go out by one channel and then by another.
create table task_delivery (
  tenant text not null,
  task uuid not null,
  number integer not null default 1,
  channel text not null,
  address text not null,
  -- The key of the receipt that was written before the Task left.
  receipt_key text not null,
  -- The Task's id at its partner, and the ETag that the partner gave last.
  remote_id text,
  etag text,
  -- intended: nobody knows yet whether it arrived. refused: the partner did not take it. abandoned: it was never sent.
  state text not null default 'intended' check (state in ('intended', 'delivered', 'refused', 'abandoned')),
  changed_at timestamptz not null default now(),
  primary key (tenant, task, number)
);
insert into task_delivery (tenant, task, channel, address, receipt_key, remote_id, etag, state, changed_at)
  select tenant, id, channel, address, receipt_key, remote_id, etag,
         case when remote_id is not null then 'delivered' when live then 'intended'
              when reason like 'refused:%' then 'refused' else 'abandoned' end,
         requested_at
    from task;
create unique index task_delivery_receipt on task_delivery (tenant, receipt_key);
create index task_delivery_remote on task_delivery (tenant, remote_id) where remote_id is not null;
-- Those of which nobody knows whether they arrived: few, and counted as being with their partner.
create index task_delivery_unsettled on task_delivery (tenant, task) where state = 'intended';
-- A partner's bearer reads what Tasks sent to its Endpoint addresses reach.
create index task_delivery_address on task_delivery (tenant, address, task);

alter table task
  -- The FHIR Task as we tell it.
  add column body text,
  add column version integer not null default 1,
  -- Milliseconds, as FHIR's instants have: a page of a search goes on after the last one.
  add column last_updated timestamptz(3) not null default now(),
  -- Organization, Organization and ServiceRequest of the Task.
  add column owner text,
  add column requester text,
  add column focus uuid,
  -- The Task that this one is a part of, and the Task of another that it was made for.
  add column part_of uuid,
  add column source_task uuid,
  -- out: we asked. in: we were asked.
  add column direction text not null default 'out' check (direction in ('out', 'in')),
  -- copy: the partner's own server moves it, and ours follows. here: it is moved at our hub.
  add column door text not null default 'copy' check (door in ('copy', 'here')),
  -- The number of its latest delivery.
  add column delivery integer not null default 1;

-- A body kept its status from when it was sent; from now on it has the Task's own.
update task t set
    version = coalesce((select o.version from own_resource o where o.tenant = t.tenant and o.id = t.id and o.type = 'Task'), 1),
    body = coalesce((select (o.body::jsonb || jsonb_build_object('status', t.status))::text
        from own_resource o where o.tenant = t.tenant and o.id = t.id and o.type = 'Task'),
      jsonb_build_object('resourceType', 'Task', 'id', t.id, 'status', t.status, 'intent', 'order')::text),
    last_updated = t.changed_at,
    owner = t.partner,
    focus = coalesce((select r.service_request from referral r where r.tenant = t.tenant and r.id = t.referral), t.referral);
update task set requester = coalesce(substring(body::jsonb #>> '{requester,reference}' from '[^/]+$'), '');
alter table task alter column body set not null, alter column owner set not null,
  alter column requester set not null, alter column focus set not null;
alter table task drop column channel, drop column address, drop column receipt_key, drop column remote_id, drop column etag;

-- The earlier bodies of Tasks.
create table task_version (
  tenant text not null,
  task uuid not null,
  version integer not null,
  status text not null,
  body text not null,
  last_updated timestamptz(3) not null,
  primary key (tenant, task, version)
);
-- When an earlier body was written is not known any more; when it was replaced is.
insert into task_version (tenant, task, version, status, body, last_updated)
  select t.tenant, t.id, v.version, coalesce(v.body::jsonb ->> 'status', t.status), v.body, v.replaced_at
    from own_resource_version v join task t on t.id = v.id
   where v.type = 'Task';
delete from own_resource_version where type = 'Task';
delete from own_resource where type = 'Task';

-- A partner searches its own Tasks, the latest first.
create index task_search on task (tenant, owner, last_updated desc, id);
create index task_search_status on task (tenant, owner, status, last_updated desc, id);
