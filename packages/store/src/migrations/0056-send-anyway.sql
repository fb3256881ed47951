-- == The same need twice ==
-- A need that is under way for the person already is not sent twice, unless somebody says so. DECISIONS D202.
alter table referral
  -- Who said that it goes out although the same need of the person is under way.
  add column sent_anyway_by text;
