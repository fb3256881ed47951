-- Whether the person was alone when they said how to reach them. Beside a safe way only such an
-- answer counts. DECISIONS D188.
alter table reach_choice add column asked_alone boolean not null default false;
