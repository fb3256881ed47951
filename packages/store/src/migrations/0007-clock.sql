-- The clock of deadlines. Tests and the sandbox may move it; everywhere else it is the real time.
-- It is one clock for the whole database, so the row has no tenant.
create table clock (
  only_row boolean primary key default true check (only_row),
  -- Set while the database is empty, by the sandbox and by tests only.
  may_move boolean not null default false,
  -- How many milliseconds deadlines are ahead of the real time, from `moves_at` on; until then `before_ms` counts. A move is
  -- announced, so that all processes and all statements make it at the same instant.
  ahead_ms bigint not null default 0,
  before_ms bigint not null default 0,
  moves_at timestamptz not null default '-infinity',
  moved_by text,
  constraint clock_may_move check (may_move or ahead_ms = 0),
  constraint clock_goes_forward check (ahead_ms >= before_ms and before_ms >= 0)
);
insert into clock default values;

-- It is stable, so that an index is used: a statement sees the row as it was when it began.
create function loopwell_now() returns timestamptz language plpgsql stable parallel safe as $body$
declare
  ahead bigint;
begin
  select case when c.moves_at <= clock_timestamp() then c.ahead_ms else c.before_ms end into ahead from loopwell.clock c;
  return clock_timestamp() + ahead * interval '1 millisecond';
end $body$;

-- Whatever a row says of its own time is told beside deadlines, so it is on their clock. Cursors of an EHR alone are on the real
-- clock, because they are compared with an EHR's.
do $do$
declare
  place record;
begin
  for place in
    select table_name, column_name from information_schema.columns
     where table_schema = 'loopwell' and column_default in ('now()', 'clock_timestamp()')
       and not (table_name = 'pull_cursor' and column_name in ('read_at', 'answered_at'))
  loop
    execute format('alter table loopwell.%I alter column %I set default loopwell.loopwell_now()', place.table_name, place.column_name);
  end loop;
end $do$;

create or replace function referral_since() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' or (new.state, coalesce(new.gate, 'review')) is distinct from (old.state, coalesce(old.gate, 'review')) then
    new.gate_since := loopwell.loopwell_now();
  end if;
  if new.danger is null then
    new.danger_since := null;
  elsif tg_op = 'INSERT' or old.danger is null then
    new.danger_since := loopwell.loopwell_now();
  end if;
  return new;
end $$;

create or replace function task_accepted_at() returns trigger language plpgsql as $$
begin
  if new.accepted_at is null and new.status in ('accepted', 'in-progress', 'on-hold') then
    new.accepted_at := loopwell.loopwell_now();
  end if;
  return new;
end $$;
