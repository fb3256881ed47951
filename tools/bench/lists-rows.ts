import type { Database } from '@loopwell/store';

/**
 * How much a site has gathered: a quarter as many people as lines of history, and everything else
 * in its proportion.
 */
export type Amounts = {
  history: number;
  people: number;
  referrals: number;
  waiting: number;
  atPartner: number;
  partners: number;
};

export const amountsOf = (history: number): Amounts => ({
  history,
  people: history / 4,
  referrals: (history * 3) / 10,
  waiting: (history * 6) / 100,
  atPartner: (history * 4) / 100,
  partners: 200,
});

export const tenant = 'bench';
export const connection = 'clinic';

/** Ids of what is generated, the same each time. */
const id = (kind: string, number: string) => `md5('${kind}' || ${number})::uuid`;

const categories = `(array['food-insecurity','housing-instability','homelessness','inadequate-housing','transportation-insecurity',
  'financial-insecurity','material-hardship','utility-insecurity','employment-status','stress','social-connection'])`;
const gates =
  "(array['review','review','saidNo','agreement','agreement','consent','noServiceCode','withoutHelp','noPartner','send'])";
const partnerOf = (number: string, { partners }: Amounts) =>
  `'partner-' || (1 + ${number} % ${partners})`;
const addressOf = (number: string, { partners }: Amounts) =>
  `'https://partner-' || (1 + ${number} % ${partners}) || '.example.org/fhir'`;
/** Older things first, over sixty days. */
const ageOf = (number: string, all: number) =>
  `now() - (${all} - ${number}) * (interval '60 days' / ${all})`;
const body = (sql: string) => `${sql}::text`;

/** Referrals by number: those that wait, those at a partner, and the rest has ended. */
function stateOf({ waiting, atPartner }: Amounts): string {
  return `case when i <= ${waiting} then 'waiting' when i <= ${waiting + atPartner} then 'partner'
     when i % 10 = 0 then 'failed' when i % 5 = 1 then 'withdrawn' else 'closed' end`;
}

function peopleSql(all: Amounts): string[] {
  const rows = `generate_series(1, ${all.people}) i`;
  const pulled = (type: string, sourceId: string, json: string) =>
    `insert into ehr_resource (tenant, connection, type, source_id, version_id, person,
      last_updated, body, pulled_at)
     select '${tenant}', '${connection}', '${type}', ${sourceId} || i, '1', ${id('person', 'i')},
       ${ageOf('i', all.people)}, ${body(json)}, ${ageOf('i', all.people)} from ${rows}`;
  return [
    `insert into partner (id, tenant, position, name, address, body)
     select 'partner-' || i, '${tenant}', i, 'Partner ' || i,
       'https://partner-' || i || '.example.org/fhir',
            ${body(`json_build_object('id', 'partner-' || i, 'name', 'Partner ' || i, 'address', 'https://partner-' || i || '.example.org/fhir', 'channel', 'fhir-rest',
              'categories', json_build_array('food-insecurity'), 'references', json_build_array(), 'organization', json_build_object('resourceType', 'Organization', 'id', 'partner-' || i, 'name', 'Partner ' || i))`)}
       from generate_series(1, ${all.partners}) i`,
    `insert into pull_cursor (id, tenant, connection, type, upto, pages, resources, done)
     select 'lane-' || t, '${tenant}', '${connection}', t, now(), ${all.people / 100},
       ${all.people}, true
       from unnest(array['Patient', 'Encounter', 'QuestionnaireResponse', 'Observation',
         'Condition', 'Consent', 'Goal']) t`,
    pulled(
      'Patient',
      "'p'",
      "json_build_object('resourceType', 'Patient', 'id', 'p' || i, 'name', json_build_array(json_build_object('family', 'Family' || i % 997)), 'birthDate', 1940 + i % 60 || '-03-11')",
    ),
    pulled(
      'Encounter',
      "'v'",
      "json_build_object('resourceType', 'Encounter', 'id', 'v' || i, 'status', 'finished', 'subject', json_build_object('reference', 'Patient/p' || i))",
    ),
    pulled(
      'QuestionnaireResponse',
      "'q'",
      `json_build_object('resourceType', 'QuestionnaireResponse', 'id', 'q' || i, 'status', 'completed', 'authored', '2026-09-01T10:00:00Z', 'questionnaire', 'http://loinc.org/q/96777-8',
         'subject', json_build_object('reference', 'Patient/p' || i), 'encounter',
         json_build_object('reference', 'Encounter/v' || i), 'item', json_build_array(
           json_build_object('linkId', '/88122-7', 'answer',
           json_build_array(json_build_object('valueCoding', json_build_object('system',
           'http://loinc.org', 'code', 'LA28397-0')))),
           json_build_object('linkId', '/93030-5', 'answer',
           json_build_array(json_build_object('valueCoding', json_build_object('system',
           'http://loinc.org', 'code', 'LA33-6'))))))`,
    ),
    pulled(
      'Consent',
      "'c'",
      `json_build_object('resourceType', 'Consent', 'id', 'c' || i, 'status', 'active', 'patient', json_build_object('reference', 'Patient/p' || i), 'dateTime', now() - interval '61 days',
         'scope', json_build_object('coding', json_build_array(json_build_object('system',
         'http://terminology.hl7.org/CodeSystem/consentscope', 'code', 'patient-privacy'))),
         'category', json_build_array(json_build_object('coding',
         json_build_array(json_build_object('system',
         'http://terminology.hl7.org/CodeSystem/v3-ActCode', 'code', 'IDSCL')))),
         'organization', json_build_array(json_build_object('reference', 'Organization/clinic')),
         'sourceAttachment', json_build_object('title', 'Signed form'),
         'policyRule', json_build_object('coding', json_build_array(json_build_object('system',
         'http://terminology.hl7.org/CodeSystem/consentpolicycodes', 'code', 'hipaa-auth'))),
         'provision', json_build_object('type', 'permit'))`,
    ),
    `insert into screening (id, tenant, connection, person, instrument, authored, encounter,
      outcome, quarantine, sources, issues, changed_at)
     select ${id('screening', 'i')}, '${tenant}', '${connection}', ${id('person', 'i')}, 'ahc-hrsn',
       '2026-09-01T10:00:00Z', 'v' || i,
            case when i % 100 < 70 then 'coded' when i % 100 < 96 then 'nothingToCode'
              when i % 100 < 99 then 'needsPerson' else 'quarantined' end,
            case when i % 100 = 99 then 'unreadable' end, '["QuestionnaireResponse/q' || i || '"]',
            case when i % 200 = 97 then
              '[{"severity":"warning","code":"free-text","text":"A person has to read this","source":"QuestionnaireResponse/q","danger":"unsafe at home"}]' when i % 100 between 96 and 98 then '[{"severity":"warning","code":"free-text","text":"A person has to read this","source":"QuestionnaireResponse/q"}]' else '[]' end, ${ageOf('i', all.people)} from ${rows}`,
    `insert into quarantine (tenant, connection, type, source_id, person, code, since)
     select '${tenant}', '${connection}', (array['Observation', 'QuestionnaireResponse',
       'Encounter'])[1 + i % 3], 'x' || i, null, (array['missing-subject', 'unreadable',
       'not-fhir'])[1 + i % 3], ${ageOf('i', all.people)}
       from generate_series(1, ${all.people / 100}) i`,
  ];
}

/** Who the Patients are, what pages read of them, and the terms by which they are found. */
function humansSql(all: Amounts): string[] {
  const rows = `generate_series(1, ${all.people}) i`;
  const givenName = `(array['Ada','Kia','Abdi','Elena','Hodan','Joan','Mai','Amina'])[1 + i % 8]`;
  const family = familyOf('i');
  const phone = `'612' || (2000000 + i % 7000000)`;
  const terms = `(values ('name', lower(${givenName})), ('name', lower(${family})),
    ('birth', 1940 + i % 60 || '-03-11'), ('mrn', 'p' || i), ('phone', ${phone}),
    ('phone', right(${phone}, 7))) t(kind, term)`;
  const inside = `(select substr(t.term, n) as term from (values (lower(${givenName})),
    (lower(${family}))) t(term), generate_series(2, 30) n where n < length(t.term)) t`;
  const profile = `json_build_object('names', json_build_array(json_build_object(
      'text', ${givenName} || ' ' || ${family})), 'birthDate', 1940 + i % 60 || '-03-11',
    'contacts', json_build_array(json_build_object('system', 'phone', 'address', ${phone})),
    'languages', json_build_array(json_build_object('code', 'hmn', 'text', 'Hmong')),
    'interpreter', 'needed', 'addresses', json_build_array(), 'contactPersons', json_build_array(),
    'generalPractitioners', json_build_array(), 'notes', json_build_array())`;
  return [
    `insert into person (tenant, id) select '${tenant}', ${id('person', 'i')} from ${rows}`,
    `insert into patient_link (tenant, connection, patient_id, patient, person)
     select '${tenant}', '${connection}', 'p' || i, ${id('person', 'i')}, ${id('person', 'i')}
       from ${rows}`,
    `insert into person_profile (tenant, patient, body)
     select '${tenant}', ${id('person', 'i')}, ${body(profile)} from ${rows}`,
    `insert into person_term (tenant, kind, term, patient)
     select distinct '${tenant}', t.kind, t.term, ${id('person', 'i')}
       from ${rows}, lateral ${terms}`,
    `insert into person_term (tenant, kind, term, patient)
     select distinct '${tenant}', 'inside', t.term, ${id('person', 'i')}
       from ${rows}, lateral ${inside}`,
    `insert into help_answer (tenant, referral, person, helped, said_on, asked_by, recorded_by)
     select '${tenant}', ${id('referral', 'i')}, ${id('person', `(i % ${all.people})`)},
       i % 3 > 0, '2026-11-01', 'Ada', 'person:ada'
       from generate_series(${all.waiting + all.atPartner + 1}, ${all.referrals}, 7) i`,
  ];
}

const syllables = [
  ['war', 'mo', 'xi', 'has', 'lind', 'gar', 'oka', 'nguy', 'cab', 'far', 'yang', 'her'],
  ['ma', 'ua', 'o', 'di', 'qui', 'ci', 'for', 'en', 'dul', 'rax', 'li', 'ber'],
  ['ck', 'ng', 'san', 'st', 'a', 'son', 'le', 'man', 'h', 'vang', 'xa', 'to'],
];

/** A family name made of three syllables, in 1,728 ways. */
function familyOf(number: string): string {
  const parts = syllables.map((list, index) => {
    const step = list.length ** index;
    const choices = list.map((syllable) => `'${syllable}'`).join(',');
    return `(array[${choices}])[1 + (${number} / ${step}) % ${list.length}]`;
  });
  return `initcap(${parts.join(' || ')})`;
}

function referralsSql(all: Amounts): string[] {
  const rows = `generate_series(1, ${all.referrals}) i`;
  const state = stateOf(all);
  return [
    `insert into referral (id, tenant, connection, person, category, state, gate, unambiguous,
      sensitive, conditions, since, approval, approved_by, service_request,
            agreement_on, agreement_source, next_partner, next_address, send_off, sent, trace,
              changed_at, danger, postponed_until, without_help, without_help_since, decide_by)
     select ${id('referral', 'i')}, '${tenant}', '${connection}',
       ${id('person', `(i % ${all.people})`)}, ${categories}[1 + (i + i / ${all.people}) % 11],
       ${state},
            case when i <= ${all.waiting} then ${gates}[1 + i % 10] end, i % 3 = 0, i % 50 = 0,
              '["' || ${id('condition', 'i')} || '"]', '2026-09-01',
            case when i > ${all.waiting} then 'approved' end, case when i > ${all.waiting} then case
              when i % 10 = 1 then 'system:enrichment' else 'person:rea' end end,
            case when i > ${all.waiting} then ${id('order', 'i')} end, '2026-09-02',
              'QuestionnaireResponse/q' || i,
            case when i <= ${all.waiting} and i % 10 = 9 then ${partnerOf('i', all)} end, case
              when i <= ${all.waiting} and i % 10 = 9 then ${addressOf('i', all)} end, i % 10 = 9,
            i > ${all.waiting}, ${id('trace', 'i')}, ${ageOf('i', all.referrals)}, case
              when i % 400 = 7 then 'utilities are shut off' end, case when i % 90 = 4
              then '2099-01-01' end,
            case when i <= ${all.waiting} and i % 10 = 7 then 'all-declined' end, case
              when i <= ${all.waiting} and i % 10 = 7 then now() - interval '3 days' end,
            case when i <= ${all.waiting} and i % 10 = 7
              then now() + (i % 7 - 3) * interval '1 day' end from ${rows}`,
    `insert into own_resource (id, tenant, connection, type, person, body, hash)
     select ${id('condition', 'i')}, '${tenant}', '${connection}', 'Condition',
       ${id('person', `(i % ${all.people})`)},
            ${body(`json_build_object('resourceType', 'Condition', 'id', ${id('condition', 'i')}, 'code', json_build_object('coding', json_build_array(json_build_object('system', 'http://snomed.info/sct', 'code', '733423003', 'display', 'Food insecurity'))),
              'subject', json_build_object('reference', 'Patient/p' || i))`)}, 'h' from ${rows}`,
    `insert into own_resource (id, tenant, connection, type, person, body, hash)
     select service_request, tenant, connection, 'ServiceRequest', person,
            ${body(`json_build_object('resourceType', 'ServiceRequest', 'id', service_request, 'status', 'active', 'intent', 'order', 'authoredOn', '2026-09-03',
              'subject', json_build_object('reference', 'https://clinic.example.org/fhir/Patient/' || person),
              'requester', json_build_object('reference', 'https://clinic.example.org/fhir/Organization/own'),
              'reasonReference', json_build_array(json_build_object('reference', 'https://clinic.example.org/fhir/Condition/' || (conditions::jsonb ->> 0))))`)}, 'h'
       from referral where service_request is not null`,
    `insert into evidence (condition, observation, tenant, person, source, rule, rule_version,
      code_systems, sentence)
     select ${id('condition', 'i')}::text, ${id('observation', 'i')}::text, '${tenant}',
       ${id('person', `(i % ${all.people})`)}, 'QuestionnaireResponse/q' || (i % ${all.people}),
       'ahc-hrsn/88122-7/LA28397-0', '1',
       '[{"system":"http://snomed.info/sct","code":"733423003","version":"2025-09"}]',
            'Answered "often true" to a question about food' from ${rows}`,
    `insert into write_back (own_resource, tenant, connection, person, referral, type, rank,
      wanted_version, written_version, ehr_id, state, status)
     select ${id('condition', 'i')}, '${tenant}', '${connection}',
       ${id('person', `(i % ${all.people})`)}, ${id('referral', 'i')}, 'Condition', 1, 1, 1,
       'e' || i,
            case when i % 100 = 3 then 'waiting' when i % 500 = 4 then 'refused' else 'done' end,
              201 from ${rows} where i > ${all.waiting}`,
    `insert into decision (tenant, referral, person, decision, principal, principal_kind, at)
     select '${tenant}', ${id('referral', 'i')}, ${id('person', `(i % ${all.people})`)}, 'approved',
       'person:rea', 'person', ${ageOf('i', all.referrals)} from ${rows} where i > ${all.waiting}`,
  ];
}

/** One delivery of each Task, to the address of its partner. */
const deliveriesSql = `insert into task_delivery (tenant, task, channel, address, receipt_key,
  remote_id, state) select t.tenant, t.id, 'fhir-rest', p.address, 'key-' || t.id,
  'r' || t.id, 'delivered' from task t join partner p on p.tenant = t.tenant and p.id = t.partner`;

/**
 * The last attempt of each referral that has left, and an earlier one that was declined for some.
 */
function tasksSql(all: Amounts): string[] {
  const gone = all.referrals - all.waiting;
  const declined = all.referrals - gone;
  const live = `i <= ${all.waiting + all.atPartner}`;
  const columns = `insert into task (id, tenant, referral, person, attempt, partner, owner,
    requester, focus, body, status, live, requested_at, accept_by, changed_at, ended_at)`;
  const madeOf = (partner: string) => `${partner}, ${partner}, 'clinic', ${id('order', 'i')},
    '{"resourceType":"Task"}'`;
  return [
    `${columns}
     select ${id('task', 'i')}, '${tenant}', ${id('referral', 'i')},
       ${id('person', `(i % ${all.people})`)}, 2, ${madeOf(partnerOf('i', all))},
            case when ${live} then (array['requested', 'accepted', 'in-progress'])[1 + i % 3]
              when i % 10 = 0 then 'failed' when i % 5 = 1 then 'cancelled' else 'completed' end,
              ${live},
            ${ageOf('i', all.referrals)}, now() + (i % 9 - 4) * interval '1 day',
              ${ageOf('i', all.referrals)}, case when not ${live}
              then now() - (i % 90) * interval '1 day' end
       from generate_series(${all.waiting + 1}, ${all.referrals}) i`,
    `${columns}
     select ${id('earlier', 'i')}, '${tenant}', ${id('referral', 'i')},
       ${id('person', `(i % ${all.people})`)}, 1, ${madeOf(partnerOf('i + 7', all))},
            'rejected', false, now() - interval '61 days', null, now() - interval '60 days',
              now() - interval '60 days'
       from generate_series(${all.referrals - declined + 1}, ${all.referrals}) i`,
    deliveriesSql,
    `insert into receipt (key, tenant, person, receiver, kind, state, attempts, remote_id, status,
      principal, intended_at, settled_at)
     select receipt_key, t.tenant, person, 'partner:' || partner, 'task', case
       when abs(hashtext(receipt_key)) % 400 = 0 then 'refused' else 'settled' end, 1, remote_id,
            case when abs(hashtext(receipt_key)) % 400 = 0 then 422 else 201 end, 'system:referral',
              requested_at, requested_at from task t join task_delivery d on d.task = t.id`,
    `insert into consent_decision (tenant, person, referral, consent_id, consent_version, recipient,
      purpose, shared, until, decided_at, task)
     select t.tenant, t.person, t.referral, p.source_id, '1', t.partner, 'referral', 'minimum',
       null, t.requested_at, t.id
       from task t join ehr_resource p on p.person = t.person and p.type = 'Consent'`,
    `insert into partner_answer (tenant, task, referral, person, received_at, door, who, status,
      known_status, with_words, message_id, recorded_by, content, consumed_at)
     select tenant, id, referral, person, changed_at, 'fhir-rest', 'partner:' || partner, status,
       status, false, id, 'system:referral', id, changed_at from task where attempt = 2`,
  ];
}

function workSql(all: Amounts): string[] {
  const outcomes = `case i % 10 when 0 then 'screened' when 1 then 'screened' when 2 then 'coded'
    when 3 then 'nothing-to-code' when 4 then 'sent' when 5 then 'waits:review'
     when 6 then 'status:' || (array['accepted', 'in-progress', 'completed'])[1 + i % 3] when 7
       then 'closed' when 8 then 'written' else case when i % 100 = 9 then 'failed:HTTP_5XX'
       else 'nothing-changed' end end`;
  const subject = `case i % 10 when 0 then ${id('person', `(i / 4)`)}::text when 1
    then ${id('person', `(i / 4)`)}::text when 2 then ${id('person', `(i / 4)`)}::text when 3
    then ${id('person', `(i / 4)`)}::text
     when 6 then ${id('task', `(1 + i % ${all.referrals})`)}::text
       else ${id('referral', `(1 + i % ${all.referrals})`)}::text end`;
  return [
    `insert into history (tenant, stage, subject, person, outcome, at, ms, attempt, trace,
      principal)
     select '${tenant}', (array['screen', 'screen', 'code', 'code', 'refer', 'refer', 'track',
       'close', 'write-back', 'pull'])[1 + i % 10], ${subject}, ${id('person', '(i / 4)')},
       ${outcomes},
            ${ageOf('i', all.history)}, i % 90, 1, ${id('trace', `(i % ${all.referrals})`)},
              'system:loopwell' from generate_series(1, ${all.history}) i`,
    `insert into ledger (tenant, stage, subject, person, batch, waits_for, due, trace, since)
     select tenant, 'refer', id::text, person, gen_random_uuid(), case when gate in ('noPartner',
       'send') then 'operator' else 'reviewer' end, 'infinity', trace, changed_at
       from referral where state = 'waiting'`,
    `insert into ledger (tenant, stage, subject, person, batch, waits_for, due, trace, since)
     select tenant, 'track', id::text, person, gen_random_uuid(), 'partner',
       now() + random() * interval '15 minutes', gen_random_uuid(), requested_at from task
       where live`,
    `insert into ledger (tenant, stage, subject, person, batch, waits_for, due, trace, since,
      attempts, error_code, cause, error_facts)
     select '${tenant}', 'code', ${id('person', 'i')}::text, ${id('person', 'i')},
       gen_random_uuid(), 'operator', 'infinity', gen_random_uuid(), ${ageOf('i', all.people)}, 3,
       c, c, '{"rule":"x"}'
       from generate_series(1, ${all.people / 250}) i, lateral (select (array['INTERNAL',
         'TIMEOUT'])[1 + i % 2] as c) x`,
  ];
}

/**
 * Fills an empty, migrated database, in statements of whole tables: ids, states and ages as a busy
 * site has them.
 */
export async function writeRows(
  db: Database,
  all: Amounts,
  tell: (line: string) => void,
): Promise<void> {
  await db.query(
    `insert into connection (id, tenant, base, quirks) values ('${connection}', '${tenant}',
      'https://clinic.example.org/fhir', 'plain-r4')`,
  );
  const people = [...peopleSql(all), ...humansSql(all)];
  for (const sql of [...people, ...referralsSql(all), ...tasksSql(all), ...workSql(all)]) {
    const began = Date.now();
    const { rowCount } = await db.query(sql);
    tell(
      `  ${String(rowCount).padStart(9)} rows of ${/into (\w+)/.exec(sql)?.[1]} in ` +
        `${((Date.now() - began) / 1_000).toFixed(1)} s`,
    );
  }
  await db.query('vacuum analyze');
}

/**
 * As many people as `stalled` are due to be coded for ten minutes, and nobody takes them: the
 * moment at which a probe counts.
 */
export async function stall(db: Database, people: number): Promise<void> {
  await db.query(
    `insert into ledger (tenant, stage, subject, person, batch, waits_for, due, trace, since)
     select '${tenant}', 'screen', ${id('person', 'i')}::text, ${id('person', 'i')},
       gen_random_uuid(), 'worker', now() - interval '10 minutes', gen_random_uuid(),
       now() - interval '10 minutes'
       from generate_series(1, ${people}) i`,
  );
  await db.query(
    "update history set at = at - interval '10 minutes' where at > now() - interval '6 minutes'",
  );
  await db.query('vacuum analyze ledger');
}
