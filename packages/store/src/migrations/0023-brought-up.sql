-- A no that is about every help ends for one help where the person brings that one up (DECISIONS D160).

alter table person_no
  -- JSON: helps that the person brought up since, each with its day, who wrote that down, and in which request to decide.
  add column brought_up text,
  -- The request to decide that ended the no, so that an undo lets it stand again.
  add column lifted_request uuid;
