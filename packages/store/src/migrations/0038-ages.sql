-- Since when work should have been done, and by whom it is held up. `due` moves with each attempt; this does not, until the
-- work is achieved. Infinity where a person is waited for.
alter table ledger add column owed_since timestamptz not null default now();
alter table ledger add column owed_by text not null default 'worker';
update ledger set owed_by = waits_for, owed_since = case when waits_for in ('worker', 'partner', 'ehr') then due else 'infinity' end;
create index ledger_owed on ledger (tenant, stage, owed_by, owed_since) where owed_since < 'infinity';

-- By the database's clock: up to when a cursor has read (a window counts from when it was begun), and when it last got a page.
alter table pull_lane
  add column read_at timestamptz not null default now(),
  add column begun_at timestamptz,
  add column answered_at timestamptz not null default now();
update pull_lane set read_at = least(upto, now()) where upto is not null;
create index pull_lane_read on pull_lane (tenant, connection, type, read_at) where not done and closed_by is null;
create index pull_lane_answered on pull_lane (tenant, connection, type, answered_at) where not done and closed_by is null;

-- Since when a referral has been where it is, and since when it names a danger. `changed_at` moves with anything about it.
alter table referral add column gate_since timestamptz not null default now();
alter table referral add column danger_since timestamptz;
update referral set gate_since = changed_at, danger_since = case when danger is not null then changed_at end;
create index referral_gate_since on referral (tenant, (coalesce(gate, 'review')), gate_since) where state = 'waiting';
create index referral_danger_since on referral (tenant, danger_since) where state = 'waiting' and danger is not null;

create function referral_since() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' or (new.state, coalesce(new.gate, 'review')) is distinct from (old.state, coalesce(old.gate, 'review')) then
    new.gate_since := now();
  end if;
  if new.danger is null then
    new.danger_since := null;
  elsif tg_op = 'INSERT' or old.danger is null then
    new.danger_since := now();
  end if;
  return new;
end $$;
create trigger referral_since before insert or update of state, gate, danger on referral
  for each row execute function referral_since();

-- Since when somebody should look at a screening that warns of a danger.
alter table screening add column asks_since timestamptz not null default now();
update screening set asks_since = changed_at;
create index screening_asks on screening (tenant, asks_since) where warns and seen_at is null and (danger or safety);

-- When a partner took a Task.
alter table task add column accepted_at timestamptz;
update task set accepted_at = changed_at where status in ('accepted', 'in-progress', 'on-hold', 'completed');
create index task_accepted on task (tenant, partner, accepted_at) where live and accepted_at is not null;

create function task_accepted_at() returns trigger language plpgsql as $$
begin
  if new.accepted_at is null and new.status in ('accepted', 'in-progress', 'on-hold') then
    new.accepted_at := now();
  end if;
  return new;
end $$;
create trigger task_accepted_at before insert or update of status on task for each row execute function task_accepted_at();
