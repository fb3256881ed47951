-- == The clocks of a Task ==
-- By when a partner has to answer, to give news and to help, and who was told that it does not. DECISIONS D201.

alter table task
  -- By when a partner that said yes has to give its first news; null before the yes, and once there was news.
  add column contact_by timestamptz,
  -- By when it has to say what came of it.
  add column serve_by timestamptz,
  -- When half of the time of the running clock is over, and when a named person was told so.
  add column half_at timestamptz,
  add column half_told_at timestamptz,
  -- When a named person was told that the running clock has passed.
  add column late_told_at timestamptz,
  -- When the partner was reminded.
  add column reminded_at timestamptz;

-- The Tasks of which somebody was told because their partner is quiet.
create index task_quiet on task (tenant) where live and (half_told_at is not null or late_told_at is not null);

alter table duty_alert drop constraint duty_alert_kind_check;
alter table duty_alert add constraint duty_alert_kind_check
  check (kind in ('see-first', 'call-today', 'summary', 'without-help', 'partner-half', 'partner-late'));
create unique index duty_alert_partner_half on duty_alert (tenant, kind) where kind = 'partner-half' and next_at is not null;
create unique index duty_alert_partner_late on duty_alert (tenant, kind) where kind = 'partner-late' and next_at is not null;
