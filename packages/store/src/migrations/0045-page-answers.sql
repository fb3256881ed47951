-- == Answers by a button of the partner page ==
-- DECISIONS D198.

alter table partner_answer
  -- The button, by its name in the table of buttons; null for answers by other doors.
  add column button text,
  -- What was typed beside it, as JSON: words, for the care team only.
  add column fields text not null default '{}',
  -- The id of the person at the partner who pressed it.
  add column helper text,
  -- A move that ends the Task is made then. Until then nothing follows from it, and it can be undone.
  add column held_until timestamptz,
  -- An undo marks the row. It is never deleted.
  add column undone_at timestamptz,
  add column undone_by text,
  -- The words of this answer were removed everywhere. That it was given stays.
  add column words_removed_at timestamptz,
  add column words_removed_by text;
create index partner_answer_held on partner_answer (tenant, held_until) where held_until is not null and consumed_at is null;
