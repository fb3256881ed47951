-- How many there are of what is told often, kept in the transaction that makes it so instead of counted when somebody asks.
create table running_total (
  tenant text not null,
  kind text not null,
  a text not null,
  b text not null,
  n bigint not null,
  primary key (tenant, kind, a, b)
);
-- Each statement appends what it changed here and waits for nobody: two workers never meet at one row. Some statements fold what
-- has gathered into running_total, one at a time.
create table running_total_change (
  tenant text not null,
  kind text not null,
  a text not null,
  b text not null,
  n bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_threshold = 20000);

create view running_totals as
  select tenant, kind, a, b, sum(n)::bigint as n
    from (select tenant, kind, a, b, n from running_total
          union all
          select tenant, kind, a, b, n from running_total_change) every
   group by tenant, kind, a, b having sum(n) <> 0;

create function fold_totals() returns void language plpgsql as $body$
begin
  -- Whoever folds now does it for all; a snapshot that is older than another's fold could not.
  if current_setting('transaction_isolation') <> 'read committed'
     or not pg_try_advisory_xact_lock(hashtext('loopwell'), hashtext('running_total')) then
    return;
  end if;
  with gone as (delete from loopwell.running_total_change returning tenant, kind, a, b, n)
  insert into loopwell.running_total as t (tenant, kind, a, b, n)
  select tenant, kind, a, b, sum(n) from gone group by 1, 2, 3, 4 having sum(n) <> 0
  on conflict (tenant, kind, a, b) do update set n = t.n + excluded.n;
end $body$;

-- What is counted of each table: kind and two labels of each row that counts. %s is the table, or the rows that came or went.
do $do$
declare
  one record;
  counted text;
begin
  for one in select * from (values
    ('history', '{history}'::text[], $$select tenant, 'history' as kind, stage as a, outcome as b from %1$s$$),
    ('ledger', '{ledger,failed}'::text[], $$select tenant, 'ledger' as kind, stage as a, waits_for as b from %1$s
        union all select tenant, 'failed', stage, error_code from %1$s where error_code is not null$$),
    ('referral', '{referral,sent}'::text[], $$select tenant, 'referral' as kind, state as a, case when state = 'waiting' then coalesce(gate, 'review') else '' end as b
         from %1$s where state <> 'withdrawn' or approved_by is distinct from 'system:enrichment'
        union all select tenant, 'sent', '', '' from %1$s where sent$$),
    ('receipt', '{receipt}'::text[], $$select tenant, 'receipt' as kind, state as a, '' as b from %1$s$$),
    ('ehr_copy', '{copy}'::text[], $$select tenant, 'copy' as kind, state as a, case when state = 'waiting' then connection || ' ' || type else '' end as b from %1$s$$),
    ('quarantine', '{quarantine}'::text[], $$select tenant, 'quarantine' as kind, type as a, code as b from %1$s$$),
    ('task', '{task,task-ended}'::text[], $$select tenant, case when live then 'task' else 'task-ended' end as kind, partner as a, status as b from %1$s$$)
  ) as t(name, kinds, rows) loop
    counted := 'insert into loopwell.running_total_change (tenant, kind, a, b, n)
      select tenant, kind, a, b, sum(n) from (%s) every group by 1, 2, 3, 4 having sum(n) <> 0';
    execute format($make$
      create function count_%1$s() returns trigger language plpgsql as $body$
      begin
        if tg_op = 'INSERT' then %2$s;
        elsif tg_op = 'DELETE' then %3$s;
        elsif tg_op = 'UPDATE' then %4$s;
        else
          delete from loopwell.running_total where kind in (%5$s);
          delete from loopwell.running_total_change where kind in (%5$s);
        end if;
        if random() < 0.02 then perform loopwell.fold_totals(); end if;
        return null;
      end $body$ $make$,
      one.name,
      format(counted, 'select *, 1 as n from (' || format(one.rows, 'added') || ') came'),
      format(counted, 'select *, -1 as n from (' || format(one.rows, 'gone') || ') went'),
      format(counted, 'select *, 1 as n from (' || format(one.rows, 'added') || ') came union all select *, -1 from (' || format(one.rows, 'gone') || ') went'),
      (select string_agg(quote_literal(kind), ', ') from unnest(one.kinds) kind));
    execute format('create trigger count_inserted after insert on %1$I referencing new table as added for each statement execute function count_%1$I()', one.name);
    -- What happened stays counted, whatever becomes of its line.
    if one.name <> 'history' then
      execute format('create trigger count_updated after update on %1$I referencing new table as added old table as gone for each statement execute function count_%1$I()', one.name);
      execute format('create trigger count_deleted after delete on %1$I referencing old table as gone for each statement execute function count_%1$I()', one.name);
    end if;
    execute format('create trigger count_truncated after truncate on %1$I for each statement execute function count_%1$I()', one.name);
    -- The triggers hold writers off until this is committed, so that nothing is counted twice or not at all.
    execute format('insert into running_total (tenant, kind, a, b, n) select tenant, kind, a, b, count(*) from (%s) every group by 1, 2, 3, 4', format(one.rows, one.name));
  end loop;
end $do$;

-- Oldest rows of each stage by whom they wait for.
drop index ledger_waits;
create index ledger_since on ledger (tenant, stage, waits_for, since);
-- What nobody could help with: the oldest, and those about which nobody has decided in time.
create index referral_without_help on referral (tenant, without_help_since) where state = 'waiting' and gate = 'withoutHelp';
create index referral_decide_by on referral (tenant, decide_by) where state = 'waiting' and gate = 'withoutHelp';
-- What partners hold: the oldest, and what was not answered in time.
create index task_oldest on task (tenant, partner, requested_at) where live;
create index task_unanswered on task (tenant, accept_by) where live and status in ('requested', 'received');
create index screening_quarantined on screening (tenant, changed_at) where outcome = 'quarantined';
