-- == Tickets ==
-- A short code for each Task, which a person can bring to the partner, and which a sheet can name in place of them. DECISIONS D194.
create table ticket (
  tenant text not null,
  task uuid not null,
  code text not null,
  made_at timestamptz not null default loopwell_now(),
  primary key (tenant, task)
);
create unique index ticket_code on ticket (tenant, code);
