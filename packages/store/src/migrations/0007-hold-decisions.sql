-- Who held and released what, when and why. Never changed, only added to: a hold itself is gone once it is released.
create table hold_decision (
  id bigint generated always as identity primary key,
  tenant text not null,
  scope text not null,
  decision text not null check (decision in ('held', 'released')),
  principal text not null,
  at timestamptz not null default now(),
  reason text
);
create index hold_decision_at on hold_decision (tenant, at);
