/**
 * What shows that something has happened about a person: tables, with the columns that say when.
 * Each has a column `person` with the id of a Patient. DECISIONS D176.
 */
export const happenings: Readonly<Record<string, readonly string[]>> = {
  added_need: ['recorded_at'],
  care_note: ['recorded_at'],
  consent_decision: ['decided_at'],
  consent_withdrawal: ['withdrawn_at'],
  contact_override: ['at'],
  contact_try: ['reserved_at', 'recorded_at'],
  decision: ['at'],
  decision_undo: ['decided_at', 'undone_at'],
  duty_alert: ['raised_at', 'taken_at'],
  ehr_resource: ['pulled_at'],
  ehr_resource_version: ['pulled_at'],
  given_list: ['given_at', 'recorded_at'],
  guardian_link: ['recorded_at', 'ended_at'],
  help_answer: ['recorded_at'],
  household: ['recorded_at'],
  keep_out: ['recorded_at', 'resolved_at', 'ended_at'],
  legal_demand: ['recorded_at'],
  next_step: ['recorded_at', 'done_at'],
  partner_answer: ['received_at', 'undone_at', 'words_removed_at'],
  person_no: ['recorded_at', 'lifted_at'],
  quarantine: ['since'],
  reach_choice: ['recorded_at'],
  referral: ['changed_at'],
  reported_death: ['recorded_at', 'corrected_at'],
  restricted_chart: ['restricted_at', 'ended_at'],
  safety_record: ['at'],
  screening: ['seen_at'],
  screening_review: ['at'],
  task: ['changed_at'],
  typed_appointment: ['at', 'typed_at'],
  work_owner: ['handed_at'],
};

/** Tables with rows of a person whose times are no sign that something has happened, and why. */
export const noHappenings: Readonly<Record<string, string>> = {
  disclosure_grant: 'Follows a Task.',
  equity_fact: 'Follows a form that was read.',
  erasure: 'The person is erased.',
  evidence: 'Coding makes it again by itself.',
  history: 'Workers write it, too.',
  kept_disclosure: 'The person is erased.',
  ledger: 'What is due for workers.',
  own_resource: 'Coding makes it again by itself.',
  own_resource_version: 'Coding makes it again by itself.',
  partner_read: 'A partner only looked.',
  patient_link: 'The way to the Patient itself.',
  person_standing: 'Made again by itself.',
  person_view: 'Somebody only looked.',
  receipt: 'Follows a decision.',
  write_back: 'Follows coding.',
};

/** Rows that are work as long as they stand, however old they are. */
const openWork = [
  `exists (select 1 from duty_alert o where o.tenant = $tenant and o.person = l.patient
     and o.taken_at is null and o.kind <> 'summary')`,
  `exists (select 1 from next_step o where o.tenant = $tenant and o.person = l.patient
     and o.done_at is null)`,
  `exists (select 1 from task o where o.tenant = $tenant and o.person = l.patient and o.live)`,
  `exists (select 1 from legal_demand o where o.tenant = $tenant and o.person = l.patient
     and 2 > (select count(*) from legal_demand_yes y where y.tenant = $tenant
       and y.demand = o.id and y.step = 'end'))`,
];

/**
 * Tells in SQL that something has happened about the Patient `l.patient` since a moment, or that
 * there is work to do.
 *
 * @param moment the moment in SQL
 */
export function isInWork(moment: string): string {
  const recent = Object.entries(happenings).map(([table, columns]) => {
    const isRecent = columns.map((column) => `x.${column} >= ${moment}`).join(' or ');
    return `exists (select 1 from ${table} x where x.tenant = $tenant and x.person = l.patient
      and (${isRecent}))`;
  });
  return [...openWork, ...recent].join(' or ');
}
