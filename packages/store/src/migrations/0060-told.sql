-- == Who told the person ==
-- After a yes somebody tells the person where and when they can come. DECISIONS D203.
alter table partner_answer
  add column told_at timestamptz,
  add column told_by text;
