-- A connection that was deleted: its row stays, since what was read, coded and sent names it, and its id is not given again.
alter table connection add column deleted_at timestamptz, add column deleted_by text;
