-- == Answers of partners arrive in one inbox ==
-- DECISIONS D132.

alter table partner_answer
  drop constraint partner_answer_pkey,
  drop constraint partner_answer_task_fkey,
  drop constraint partner_answer_door_check;
alter table partner_answer rename column at to received_at;
alter table partner_answer
  -- The id that the sender gave to its message. A door takes one message once.
  add column message_id text,
  -- The name of the person at the partner who said it, where a door asks for that. Personal data.
  add column said_by text,
  -- The principal that brought it here: the partner itself, a worker, or a coordinator.
  add column recorded_by text,
  -- When it was said, where that is known.
  add column said_at timestamptz,
  -- What the answer says, in one key: two answers share it only where they say the same.
  add column content text,
  -- The outputs of a Task with what their references led to, as JSON: what an outcome is judged by.
  add column read_outputs text,
  -- Its outputs could not be read. A later row with them takes its place.
  add column is_partial boolean not null default false,
  -- Other doors that brought the same answer, as JSON: door, message id, principal and time.
  add column repeats text not null default '[]',
  -- When `track` had taken it, and what came of it. A row that a person has to look at first stays untaken.
  add column consumed_at timestamptz,
  add column came_of text;

-- An answer that was kept and had moved nothing yet is read again from the partner.
update task t set answer_hash = null
  from (select distinct on (task) task, status from partner_answer order by task, id desc) a
 where t.id = a.task and t.live and t.status <> a.status;
update partner_answer set
    message_id = id::text,
    recorded_by = who,
    content = id::text,
    door = 'fhir-rest',
    consumed_at = received_at,
    came_of = 'before-the-inbox';
alter table partner_answer
  alter column message_id set not null,
  alter column recorded_by set not null,
  alter column content set not null,
  add primary key (tenant, door, message_id);

create unique index partner_answer_id on partner_answer (id);
create index partner_answer_task on partner_answer (tenant, task, id);
create index partner_answer_waiting on partner_answer (tenant, task) where consumed_at is null;
