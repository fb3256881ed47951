-- Failures are counted by their cause: one answer that was cut off, after a server was away for a day, is the first of its kind.
alter table ledger add column cause text;
update ledger set cause = error_code where error_code is not null;

-- Rows that wait for an operator and are looked at again by themselves: a key that does not fit may be replaced elsewhere.
create index ledger_operator_due on ledger (stage, due) where waits_for = 'operator' and due < 'infinity';

-- Processes that ended while the answer of a server was being read. Two of them put a hold on that server (`receiver:<origin>`).
create table receiver_end (
  id bigint generated always as identity primary key,
  origin text not null,
  code text not null,
  at timestamptz not null default now()
);
create index receiver_end_origin on receiver_end (origin, at);
