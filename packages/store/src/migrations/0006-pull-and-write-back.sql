alter table pull_lane
  -- Nothing older was asked for; another start reads what lies between.
  add column since timestamptz,
  -- The EHR refuses this type across patients: each Patient that becomes known gets a lane of its own.
  add column by_patient boolean not null default false;
update pull_lane set since = upto where window_from is null and pages = 0;
update pull_lane set upto = null where since is not null;

alter table ehr_copy
  -- A write was begun and its outcome is not known: the EHR is asked before anything is written again.
  add column intended_at timestamptz,
  -- The EHR was asked and showed that it does not have it: once is not enough.
  add column denied_at timestamptz;
