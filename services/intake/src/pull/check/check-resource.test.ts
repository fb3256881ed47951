import { localExtensions } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { checkRepeated, checkResource } from './check-resource.ts';
import type { Source } from './page-rows.ts';
import type { PulledType } from './pulled-types.ts';

const source: Source = {
  tenant: 'default',
  connection: 'ehr',
  base: 'https://ehr.test/fhir',
};
const check = (resource: object, asked: PulledType) => {
  const checked = checkResource(resource as never, asked, source);
  return checked.kind === 'quarantine' ? checked.row.code : checked.kind;
};
const loincs = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
const observation = (more: object = {}) => ({
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  category: [{ coding: [{ code: 'survey' }] }],
  code: loincs('88122-7'),
  subject: { reference: 'Patient/p1' },
  valueCodeableConcept: loincs('LA28397-0'),
  ...more,
});
const response = (item: unknown) => ({
  resourceType: 'QuestionnaireResponse',
  id: 'q1',
  status: 'completed',
  subject: { reference: 'Patient/p1' },
  item,
});
const ours = {
  identifier: [
    {
      system: 'https://loopwell.example/fhir/NamingSystem/id',
      value: '11111111-1111-5111-8111-111111111111',
    },
  ],
};

describe('a resource of a page', () => {
  it.each([
    ['an answer', observation(), 'Observation'],
    [
      'an answer whose subject is absolute, at this EHR',
      observation({ subject: { reference: 'https://ehr.test/fhir/Patient/p1' } }),
      'Observation',
    ],
    [
      'a backslash before u0000, which is no null character',
      observation({ valueCodeableConcept: { text: 'C:\\u0000' } }),
      'Observation',
    ],
    [
      'nested answers',
      response([
        {
          linkId: '1',
          answer: [{ valueString: 'a', item: [{ linkId: '2', answer: [{ valueBoolean: true }] }] }],
        },
      ]),
      'QuestionnaireResponse',
    ],
    [
      'a Condition without a status',
      {
        resourceType: 'Condition',
        id: 'c',
        code: { coding: [{ system: 'http://snomed.info/sct', code: '1' }] },
        subject: { reference: 'Patient/p1' },
      },
      'Condition',
    ],
    // What can mean only one thing is read as that; what else cannot be read is said where the
    // answer is coded.
    ['a number as id', observation({ id: 7 }), 'Observation'],
    [
      'a list of one where an object belongs',
      observation({ subject: [{ reference: 'Patient/p1' }] }),
      'Observation',
    ],
    ['a subject that is a text', observation({ subject: 'Patient/p1' }), 'Observation'],
    [
      'an object where a list belongs',
      observation({ category: { coding: { code: 'survey' } } }),
      'Observation',
    ],
    ['null in a list', observation({ category: [null] }), 'Observation'],
    ['null codings', observation({ category: [{ coding: [null] }] }), 'Observation'],
    [
      'an Encounter of several statuses, of which one is a mistake',
      {
        resourceType: 'Encounter',
        id: 'e1',
        status: ['finished', 'entered-in-error'],
        subject: { reference: 'Patient/p1' },
      },
      'Encounter',
    ],
    [
      'a number as code',
      observation({ code: { coding: [{ system: 'http://loinc.org', code: 7 }] } }),
      'Observation',
    ],
    ['null as value', observation({ valueCodeableConcept: null }), 'Observation'],
    ['a number as version', observation({ meta: { versionId: 3 } }), 'Observation'],
    ['a modifierExtension', observation({ modifierExtension: [{ url: 'u' }] }), 'Observation'],
    ['an object as items', response({ linkId: '1' }), 'QuestionnaireResponse'],
    [
      'an object as answers',
      response([{ linkId: '1', answer: { valueString: 'a' } }]),
      'QuestionnaireResponse',
    ],
    [
      'null among the answers',
      response([{ linkId: '1', answer: [null] }]),
      'QuestionnaireResponse',
    ],
    ['a number as linkId', response([{ linkId: 1 }]), 'QuestionnaireResponse'],
    [
      'a Patient with a number as id',
      { resourceType: 'Patient', id: 12345, name: { family: 'Lind' } },
      'Patient',
    ],
  ] satisfies [string, object, PulledType][])('keeps %s', (_what, resource, asked) => {
    expect(check(resource, asked)).toBe('keep');
  });

  it.each([
    ['another type', { ...observation(), resourceType: 'Patient' }, 'unexpected-type'],
    ['no id', observation({ id: undefined }), 'unusable-id'],
    ['an id with a slash', observation({ id: '../Patient/1' }), 'unusable-id'],
    ['no subject', observation({ subject: undefined }), 'missing-subject'],
    [
      'a subject without reference',
      observation({ subject: { display: 'somebody' } }),
      'missing-subject',
    ],
    [
      'a conditional subject',
      observation({ subject: { reference: 'Patient?identifier=1' } }),
      'unresolvable-subject',
    ],
    [
      'a subject at another server',
      observation({ subject: { reference: 'https://other.test/fhir/Patient/p1' } }),
      'subject-elsewhere',
    ],
    [
      'a group as subject',
      observation({ subject: { reference: 'Group/g' } }),
      'subject-not-a-patient',
    ],
    ['no status', observation({ status: undefined }), 'missing-status'],
    ['two values', observation({ valueString: 'x' }), 'two-values'],
    [
      'two times',
      observation({ effectiveDateTime: '2026-11-01', effectivePeriod: {} }),
      'two-values',
    ],
    [
      'two values in a component',
      observation({ component: [{ code: loincs('1-8'), valueString: 'x', valueInteger: 1 }] }),
      'two-values',
    ],
    ['an id that is an object', observation({ id: { value: 'o1' } }), 'unusable-id'],
    [
      'two subjects',
      observation({ subject: [{ reference: 'Patient/p1' }, { reference: 'Patient/p2' }] }),
      'malformed',
    ],
    ['null as subject', observation({ subject: null }), 'malformed'],
    ['a text as code', observation({ code: 'hunger' }), 'malformed'],
    ['a number as status', observation({ status: 1 }), 'malformed'],
    ['a status that is none', observation({ status: 'done' }), 'malformed'],
    [
      'a null character',
      observation({ valueCodeableConcept: { text: 'a\u0000b' } }),
      'null-character',
    ],
    [
      'megabytes of text',
      observation({ valueCodeableConcept: { text: 'x'.repeat(5_000_000) } }),
      'too-large',
    ],
  ])('quarantines an Observation with %s', (_what, resource, code) => {
    expect(check(resource, 'Observation')).toBe(code);
  });

  const hl7 = 'http://terminology.hl7.org/CodeSystem/observation-category';
  const guide =
    'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes';
  it.each([
    ['survey', hl7, 'survey', 'keep'],
    ['survey in capital letters', hl7, ' SURVEY', 'keep'],
    ['a need', guide, 'food-insecurity', 'keep'],
    ['something else', hl7, 'laboratory', 'ignore'],
  ])('an Observation under the category of %s: %s', (_what, system, code, kind) => {
    const category = [{ coding: [{ system, code }] }];
    expect(checkResource(observation({ category }) as never, 'Observation', source).kind).toBe(
      kind,
    );
  });

  it.each([
    [
      'two values in an answer',
      [{ linkId: '1', answer: [{ valueString: 'a', valueInteger: 1 }] }],
      'two-values',
    ],
    [
      'two values in a nested answer',
      [
        {
          linkId: '1',
          item: [
            {
              linkId: '2',
              answer: [
                { item: [{ linkId: '3', answer: [{ valueDate: '2026', valueBoolean: true }] }] },
              ],
            },
          ],
        },
      ],
      'two-values',
    ],
  ])('quarantines a QuestionnaireResponse with %s', (_what, item, code) => {
    expect(check(response(item), 'QuestionnaireResponse')).toBe(code);
  });

  it('quarantines items that are nested without end, and does not keep what cannot be written', () => {
    let item: object = { linkId: 'last' };
    for (let depth = 0; depth < 20_000; depth += 1) item = { linkId: 'x', item: [item] };
    const checked = checkResource(response([item]) as never, 'QuestionnaireResponse', source);
    expect(checked).toMatchObject({
      kind: 'quarantine',
      row: { code: 'malformed', sourceId: 'q1' },
    });
  });

  it('keeps nobody in halves: a Patient of whom an element cannot be read is put aside, and the place is named', () => {
    const patient = { resourceType: 'Patient', id: 'p1', name: [{ family: 'Lind', given: [{}] }] };
    expect(checkResource(patient as never, 'Patient', source)).toMatchObject({
      kind: 'quarantine',
      row: { code: 'malformed', facts: JSON.stringify({ path: 'Patient.name[0].given[0]' }) },
    });
  });

  it.each(['unknown', '', 'last week', '0001-01-01'])(
    'keeps that somebody has died, whenever that was: %j',
    (deceasedDateTime) => {
      const patient = { resourceType: 'Patient', id: 'p1', deceasedDateTime };
      const checked = checkResource(patient as never, 'Patient', source);
      expect(checked.kind === 'keep' && JSON.parse(checked.row.body)).toEqual(patient);
    },
  );

  it('keeps a Patient mended where that is certain: everybody who reads it later reads the same', () => {
    const checked = checkResource(
      { resourceType: 'Patient', id: 12345, name: { family: 'Lind', given: 'Ada' } } as never,
      'Patient',
      source,
    );
    expect(checked).toMatchObject({ kind: 'keep', row: { sourceId: '12345' } });
    expect(checked.kind === 'keep' && JSON.parse(checked.row.body)).toMatchObject({
      id: '12345',
      name: [{ family: 'Lind', given: ['Ada'] }],
    });
  });

  it('puts an Encounter of FHIR R5 aside, and says by what it was told', () => {
    const encounter = {
      resourceType: 'Encounter',
      id: 'e1',
      status: 'completed',
      subject: { reference: 'Patient/p1' },
      class: [{ coding: [{ code: 'AMB' }] }],
    };
    const checked = checkResource(encounter as never, 'Encounter', source);
    expect(checked).toMatchObject({
      kind: 'quarantine',
      row: { code: 'not-r4', facts: expect.stringContaining('completed, its class is a list') },
    });
  });

  it.each(['Goal', 'ServiceRequest'] as const)(
    'mends no %s: somebody may have agreed with it',
    (type) => {
      const given = {
        resourceType: type,
        id: 'x',
        status: 'active',
        subject: { reference: 'Patient/p1' },
        category: { coding: [] },
      };
      expect(check(given, type)).toBe('malformed');
    },
  );

  it('says where it is wrong, and never what is there', () => {
    const checked = checkResource(
      response([{ linkId: '1', answer: [{ valueString: 'Kaaaanary', valueInteger: 1 }] }]) as never,
      'QuestionnaireResponse',
      source,
    );
    expect(checked).toMatchObject({
      row: { facts: JSON.stringify({ path: 'QuestionnaireResponse.item[0].answer[0].value[x]' }) },
    });
  });

  it.each(['Observation', 'ServiceRequest', 'Goal'] as const)(
    'leaves a %s that we wrote ourselves where it is',
    (type) => {
      expect(check({ ...observation(ours), resourceType: type }, type)).toBe('ignore');
    },
  );

  it.each<[string, object]>([
    [
      'in small letters',
      { code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'z5941' }] } },
    ],
    [
      'by the OID of SNOMED CT',
      { code: { coding: [{ system: 'urn:oid:2.16.840.1.113883.6.96', code: '733423003' }] } },
    ],
    ['without a code system', { code: { coding: [{ code: '733423003' }] } }],
    [
      'with the statuses of FHIR STU3',
      {
        code: { coding: [{ system: 'http://snomed.info/sct', code: '733423003' }] },
        clinicalStatus: 'resolved',
        verificationStatus: ['refuted'],
      },
    ],
  ])(
    'keeps a Condition that is written %s: no need is made twice for the way it is written',
    (_how, change) => {
      expect(
        check(
          {
            resourceType: 'Condition',
            id: 'c1',
            subject: { reference: 'Patient/p1' },
            ...change,
          } as never,
          'Condition',
        ),
      ).toBe('keep');
    },
  );

  it('keeps a Condition that we wrote ourselves, for a clinician may have refuted it', () => {
    expect(
      check(
        {
          ...observation(ours),
          resourceType: 'Condition',
          category: [{ coding: [{ code: 'sdoh' }] }],
          valueCodeableConcept: undefined,
        },
        'Condition',
      ),
    ).toBe('keep');
  });

  it('does not keep what has nothing to do with social needs, not even for its mistakes', () => {
    expect(
      check(
        observation({ category: [{ coding: [{ code: 'vital-signs' }] }], component: 'x' }),
        'Observation',
      ),
    ).toBe('ignore');
    expect(
      check(
        {
          resourceType: 'Condition',
          id: 'c',
          subject: [],
          code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'E11.9' }] },
        },
        'Condition',
      ),
    ).toBe('ignore');
  });
});

it.each([{ security: 'R' }, { security: { code: 'R' } }, { security: ['R'] }, 'R'])(
  "keeps a visit's labels in whatever writing they come: %j",
  (meta) => {
    const visit = {
      resourceType: 'Encounter',
      id: 'e',
      status: 'finished',
      class: { code: 'AMB' },
      subject: { reference: 'Patient/p' },
      meta,
    };
    const checked = checkResource(visit as never, 'Encounter', source);
    expect(checked.kind === 'keep' && JSON.parse(checked.row.body).meta).toEqual(meta);
  },
);

describe('a resource that says something twice', () => {
  const idscl = {
    scope: { coding: [{ code: 'patient-privacy' }] },
    category: [{ coding: [{ code: 'IDSCL' }] }],
  };
  const consent = (more: object) => ({
    resourceType: 'Consent',
    id: 'c1',
    status: 'active',
    ...idscl,
    patient: { reference: 'Patient/p1' },
    ...more,
  });
  const look = (resource: object, asked: PulledType, more: Partial<Source> = {}) => {
    const checked = checkRepeated(
      { reason: 'repeated-member', resource, element: `${asked}.x` },
      asked,
      { ...source, ...more },
    );
    return checked.kind === 'quarantine' ? checked.row : checked.kind;
  };
  const readFor = (resource: object, more: Partial<Source> = {}) => {
    const checked = checkResource(resource as never, 'Consent', { ...source, ...more });
    return checked.kind === 'keep' ? checked.row.person : undefined;
  };
  const p1 = readFor(consent({}));

  it.each<[string, object, PulledType, string | undefined]>([
    ['a Consent, with its person', consent({ 'status (1)': 'inactive' }), 'Consent', p1],
    [
      'a Consent of two people, with neither',
      consent({ 'patient (1)': { reference: 'Patient/p2' } }),
      'Consent',
      undefined,
    ],
    [
      'a Consent that names its person twice',
      consent({ 'patient (1)': { reference: 'Patient/p1' } }),
      'Consent',
      p1,
    ],
    ['an answer', observation({ 'valueCodeableConcept (1)': {} }), 'Observation', undefined],
    [
      'an order',
      { resourceType: 'ServiceRequest', id: 's', status: 'active', 'status (1)': 'revoked' },
      'ServiceRequest',
      undefined,
    ],
    [
      'a Patient',
      { resourceType: 'Patient', id: 'p', active: true, 'active (1)': false },
      'Patient',
      undefined,
    ],
    [
      'what may be an answer',
      { ...observation(), category: [{ coding: [{ code: 'laboratory' }] }], 'category (1)': [] },
      'Observation',
      undefined,
    ],
  ])('is put aside: %s', (_name, resource, asked, person) => {
    expect(look(resource, asked)).toMatchObject({
      code: 'repeated-member',
      facts: JSON.stringify({ path: `${asked}.x` }),
      body: JSON.stringify(resource),
    });
    expect((look(resource, asked) as { person?: string }).person).toBe(person);
  });

  it('is left where it is when it has nothing to do with social needs', () => {
    expect(
      look(
        observation({ category: [{ coding: [{ code: 'laboratory' }] }], 'status (1)': 'final' }),
        'Observation',
      ),
    ).toBe('ignore');
  });

  it('is put aside under no id where its id is there twice', () => {
    expect((look(consent({ 'id (1)': 'c2' }), 'Consent') as { sourceId: string }).sourceId).toMatch(
      /^unknown-/,
    );
  });

  it.each<[string, object, Partial<Source>, boolean]>([
    ['no patient, in a search for one', { patient: undefined }, { patient: 'p1' }, true],
    [
      'an identifier, in a search for one',
      { patient: { identifier: { value: '1' } } },
      { patient: 'p1' },
      true,
    ],
    [
      'another patient here, in a search for one',
      { patient: { reference: 'Patient/p2' } },
      { patient: 'p1' },
      false,
    ],
    [
      'a patient elsewhere, in a search for one',
      { patient: { reference: 'https://other.test/Patient/p1' } },
      { patient: 'p1' },
      false,
    ],
    [
      'something that is no Patient, in a search for one',
      { patient: { reference: 'Practitioner/p1' } },
      { patient: 'p1' },
      true,
    ],
    [
      'no patient, and came with one',
      {
        patient: undefined,
        extension: [
          { url: localExtensions.loadedWith, valueReference: { reference: 'Patient/p1' } },
        ],
      },
      {},
      true,
    ],
    ['its patient in small letters', { patient: { reference: 'patient/p1' } }, {}, true],
    ['its patient with blanks and a slash', { patient: { reference: ' /Patient/p1/ ' } }, {}, true],
    [
      'its patient in capitals, in a version',
      { patient: { reference: 'PATIENT/p1/_history/2' } },
      {},
      true,
    ],
    ['another patient in small letters', { patient: { reference: 'patient/p2' } }, {}, false],
    [
      'a patient elsewhere in small letters',
      { patient: { reference: 'https://other.test/patient/p1' } },
      {},
      false,
    ],
    ['no patient, in a search for all', { patient: undefined }, { patient: '' }, false],
  ])('a Consent that names %s is kept with that person: %o', (_name, more, where, isTheirs) => {
    expect(readFor(consent(more), where) === p1).toBe(isTheirs);
  });
});
