-- After `loopwell migrate`, as loopwell_owner: what happened and what was decided can only be added to.
\set ON_ERROR_STOP on
revoke update, delete on loopwell.history, loopwell.decision, loopwell.consent_decision, loopwell.hold_decision,
  loopwell.partner_answer, loopwell.own_resource_version, loopwell.task_version, loopwell.ehr_resource_version, loopwell.receiver_end from loopwell_app;
revoke insert, update, delete on loopwell.kysely_migration, loopwell.kysely_migration_lock from loopwell_app;
-- What a partner said stays as it came. What came of it, and that another door brought the same, is noted on its row.
grant update (consumed_at, came_of, repeats) on loopwell.partner_answer to loopwell_app;
-- An undo marks it, and somebody may remove the partner's words and note that a person was told.
grant update (held_until, undone_at, undone_by, words_removed_at, words_removed_by, with_words, told_at, told_by, status, note, fields,
  reason, business_status, body, outputs, read_outputs) on loopwell.partner_answer to loopwell_app;
-- Every version of what a site decided stays.
revoke update, delete on loopwell.site_version from loopwell_app;
revoke delete on loopwell.site from loopwell_app;
-- So does every version of who was on duty.
revoke update, delete on loopwell.on_duty_version from loopwell_app;
revoke delete on loopwell.on_duty, loopwell.duty_alert, loopwell.duty_message from loopwell_app;
-- Only the owner may move the clock of deadlines, and only in a sandbox.
revoke insert, update, delete on loopwell.clock from loopwell_app;
-- What was done for a person to be seen first, and whom a clinician let others contact, stays as it was written.
revoke update, delete on loopwell.safety_record, loopwell.safety_cover, loopwell.contact_override from loopwell_app;
-- A no stays as it was said, and a try as it was made. How each ended is noted on its row.
revoke update, delete on loopwell.person_no, loopwell.contact_try from loopwell_app;
grant update (brought_up_on, lifted_by, lifted_at) on loopwell.person_no to loopwell_app;
grant update (outcome, said_why, is_incident, note, recorded_by, recorded_at) on loopwell.contact_try to loopwell_app;
-- Legal demands, who agreed to them, receipts of erasures and the account that they keep can only be added to. `loopwell erase` deletes
-- rows of the tables above, so it is called with the owner's DATABASE_URL; so is the retention of a site.
revoke update, delete on loopwell.legal_demand_yes, loopwell.erasure, loopwell.kept_disclosure, loopwell.erased_patient from loopwell_app;
revoke delete on loopwell.legal_demand from loopwell_app;
