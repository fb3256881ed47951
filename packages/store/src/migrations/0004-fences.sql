-- A fence is never used twice. Counted per row it began anew whenever a row was deleted and made again, and a holder
-- that had been stopped for long could have taken somebody else's lease for its own.
create sequence ledger_fence;
select setval('ledger_fence', (select coalesce(max(fence), 0) + 1 from ledger));
