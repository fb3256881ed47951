-- Since when somebody is waited for survives that the row was looked at again in between: a release, a change of the directory,
-- new work. What a row waited for before, and since when, is kept until it is settled.
alter table ledger add column waited_for text, add column waited_since timestamptz;

-- Since when a referral stands at its gate, whatever else about it changes meanwhile.
alter table referral add column gate_since timestamptz;
update referral set gate_since = changed_at;
alter table referral alter column gate_since set default now(), alter column gate_since set not null;

create function keep_gate_since() returns trigger language plpgsql as $$
begin
  new.gate_since := case when (new.state, new.gate) is distinct from (old.state, old.gate) then now() else old.gate_since end;
  return new;
end $$;
create trigger referral_gate_since before update on referral for each row execute function keep_gate_since();
