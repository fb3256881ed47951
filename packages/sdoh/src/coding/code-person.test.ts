import type { fhir4 } from '@loopwell/fhir';
import { instruments } from '@loopwell/instruments';
import { deriveId } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import { codePerson, type PersonCoding, type PersonRecord } from '../index.ts';

const base = 'https://ehr.example.org/fhir';
const loinc = 'http://loinc.org';
const survey = [
  {
    coding: [
      { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey' },
    ],
  },
];
const at = '2026-05-04T10:00:00-05:00';

const coded = (code: string) => ({ coding: [{ system: loinc, code }] });

function form(
  id: string,
  answers: Record<string, string | string[]>,
  change: object = {},
): fhir4.QuestionnaireResponse {
  const item = Object.entries(answers).map(([question, codes]) => ({
    linkId: `/${question}`,
    answer: [codes].flat().map((code) => ({ valueCoding: { system: loinc, code } })),
  }));
  return {
    resourceType: 'QuestionnaireResponse',
    id,
    status: 'completed',
    questionnaire: 'http://loinc.org/q/96777-8',
    authored: at,
    source: { reference: 'Patient/p1' },
    item,
    ...change,
  };
}

function observation(
  id: string,
  question: string,
  answer: string,
  change: object = {},
): fhir4.Observation {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    category: survey,
    code: coded(question),
    effectiveDateTime: at,
    valueCodeableConcept: coded(answer),
    ...change,
  };
}

function record(change: Partial<PersonRecord> = {}): PersonRecord {
  const person = '11111111-1111-4111-8111-111111111111';
  return {
    tenant: 'org',
    connection: 'ehr',
    base,
    person,
    encounters: [],
    responses: [],
    observations: [],
    conditions: [],
    made: [],
    ...change,
  };
}

const code = (change: Partial<PersonRecord>) =>
  codePerson(record(change), instruments, { deriveId });
const needs = (coding: PersonCoding) => coding.needs.map((one) => one.category);
const issues = (coding: PersonCoding) =>
  coding.screenings.flatMap((one) => one.issues.map((issue) => issue.code));
const outcomes = (coding: PersonCoding) =>
  coding.screenings.map(
    (one) => `${one.instrument} ${one.outcome}${one.quarantine ? ` ${one.quarantine}` : ''}`,
  );
const icd = (coding: PersonCoding) =>
  coding.conditions.map(
    (one) => one.resource.code?.coding?.find((two) => two.system?.includes('icd'))?.code,
  );
const madeOf = (coding: PersonCoding) =>
  [...coding.conditions, ...coding.withdrawn].map((one) => one.resource);

const worried = { '71802-3': 'LA31994-9' };
const homeless = { '71802-3': 'LA31995-6' };
const housed = { '71802-3': 'LA31993-1' };
const hungry = { '88122-7': 'LA28397-0' };
const rideless = { '93030-5': 'LA33-6' };

describe('what makes no Condition', () => {
  it.each<[string, Partial<PersonRecord>]>([
    ['a negative answer', { responses: [form('r', { '93030-5': 'LA32-8' })] }],
    [
      'an answer that the instrument does not list',
      { responses: [form('r', { '93030-5': 'LA30133-5' })] },
    ],
    [
      'a preliminary Observation',
      { observations: [observation('o', '93030-5', 'LA33-6', { status: 'preliminary' })] },
    ],
    [
      'a registered Observation',
      { observations: [observation('o', '93030-5', 'LA33-6', { status: 'registered' })] },
    ],
    [
      'an Observation of unknown status',
      { observations: [observation('o', '93030-5', 'LA33-6', { status: 'unknown' })] },
    ],
    [
      'a cancelled Observation',
      { observations: [observation('o', '93030-5', 'LA33-6', { status: 'cancelled' })] },
    ],
    [
      'an Observation entered in error',
      { observations: [observation('o', '93030-5', 'LA33-6', { status: 'entered-in-error' })] },
    ],
    [
      'a form entered in error',
      { responses: [form('r', rideless, { status: 'entered-in-error' })] },
    ],
    ['a form in progress', { responses: [form('r', rideless, { status: 'in-progress' })] }],
    ['a stopped form', { responses: [form('r', rideless, { status: 'stopped' })] }],
    ['a form without a status', { responses: [form('r', rideless, { status: undefined })] }],
    [
      'a reason why there is no answer',
      {
        observations: [
          observation('o', '93030-5', '', {
            valueCodeableConcept: undefined,
            dataAbsentReason: { coding: [{ code: 'asked-declined' }] },
          }),
        ],
      },
    ],
    [
      'an absent reason in the place of an answer',
      {
        observations: [
          observation('o', '93030-5', '', {
            valueCodeableConcept: {
              coding: [
                {
                  system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason',
                  code: 'asked-declined',
                },
              ],
            },
          }),
        ],
      },
    ],
    [
      'an answer together with a reason for its absence',
      {
        observations: [observation('o', '93030-5', 'LA33-6', { dataAbsentReason: { text: 'x' } })],
      },
    ],
    [
      'two values',
      { observations: [observation('o', '93030-5', 'LA33-6', { valueString: 'Yes' })] },
    ],
    [
      'a code without a code system',
      {
        observations: [
          observation('o', '93030-5', '', {
            valueCodeableConcept: { coding: [{ code: 'LA33-6', display: 'Yes' }] },
          }),
        ],
      },
    ],
    [
      'a code of another code system',
      {
        observations: [
          observation('o', '93030-5', '', {
            valueCodeableConcept: { coding: [{ system: 'urn:local', code: 'LA33-6' }] },
          }),
        ],
      },
    ],
    ['yes and no to one question', { responses: [form('r', { '93030-5': ['LA33-6', 'LA32-8'] })] }],
    [
      'yes on the form and no in the Observation of the same instant',
      { responses: [form('r', rideless)], observations: [observation('o', '93030-5', 'LA32-8')] },
    ],
    [
      'a code whose words say the contrary',
      {
        observations: [
          observation('o', '93030-5', '', {
            valueCodeableConcept: { coding: [{ system: loinc, code: 'LA33-6', display: 'No' }] },
          }),
        ],
      },
    ],
    [
      'a number where a choice was asked for',
      {
        observations: [
          observation('o', '93030-5', '', { valueCodeableConcept: undefined, valueInteger: 1 }),
        ],
      },
    ],
    [
      'free text that is no answer',
      {
        observations: [
          observation('o', '93030-5', '', {
            valueCodeableConcept: undefined,
            valueString: 'sometimes, when it rains',
          }),
        ],
      },
    ],
    [
      'an Observation of another kind',
      {
        observations: [
          observation('o', '93030-5', 'LA33-6', {
            category: [{ coding: [{ code: 'laboratory' }] }],
          }),
        ],
      },
    ],
    [
      'what Loopwell wrote back itself',
      {
        observations: [
          observation('o', '93030-5', 'LA33-6', {
            identifier: [
              {
                system: 'https://loopwell.example/fhir/NamingSystem/id',
                value: '11111111-1111-5111-8111-111111111111',
              },
            ],
          }),
        ],
      },
    ],
    [
      'safety',
      {
        responses: [
          form('r', {
            '95618-5': 'LA6482-9',
            '95617-7': 'LA6482-9',
            '95616-9': 'LA6482-9',
            '95615-1': 'LA6482-9',
          }),
        ],
      },
    ],
    [
      'violence and prison',
      {
        responses: [
          form(
            'r',
            { '76501-6': 'LA33-6', '93028-9': 'LA33-6', '93026-3': 'LA32-8' },
            { questionnaire: 'http://loinc.org/q/93025-5' },
          ),
        ],
      },
    ],
    [
      'an answer of somebody who has died',
      {
        patient: { resourceType: 'Patient', deceasedDateTime: '2026-05-20' },
        responses: [form('r', rideless)],
      },
    ],
  ])('%s', (_title, change) => {
    const coding = code(change);
    expect(coding.conditions).toEqual([]);
    expect(coding.evidenceAdded).toEqual([]);
    expect(coding.needs).toEqual([]);
    // The counter-check: the same person's plain answer at another time is coded.
    const { patient: _patient, ...rest } = change;
    const plain = form('plain', hungry, { authored: '2026-05-05T10:00:00-05:00' });
    expect(needs(code({ ...rest, responses: [...(change.responses ?? []), plain] }))).toContain(
      'food-insecurity',
    );
  });

  it('is said: what was left out by rule, what needs a person, and never silence', () => {
    expect(
      issues(
        code({ observations: [observation('o', '93030-5', 'LA33-6', { status: 'preliminary' })] }),
      ),
    ).toEqual(['not-coded']);
    expect(
      issues(code({ responses: [form('r', rideless, { status: 'entered-in-error' })] })),
    ).toEqual(['not-coded']);
    expect(
      issues(
        code({ observations: [observation('o', '93030-5', 'LA33-6', { valueString: 'Yes' })] }),
      ),
    ).toEqual(['invalid-value']);
    expect(
      issues(
        code({
          observations: [
            observation('o', '93030-5', '', {
              valueCodeableConcept: { coding: [{ code: 'LA33-6' }] },
            }),
          ],
        }),
      ),
    ).toEqual(['missing-data']);
    expect(issues(code({ responses: [form('r', { '93030-5': ['LA33-6', 'LA32-8'] })] }))).toEqual([
      'contradiction',
    ]);
    expect(issues(code({ responses: [form('r', { '95618-5': 'LA6270-8' })] }))).toEqual([
      'sensitive',
    ]);
  });
});

describe('dirty data', () => {
  it.each<[string, object]>([
    [
      'a code in small letters with blanks',
      { valueCodeableConcept: { coding: [{ system: loinc, code: ' la33-6 ' }] } },
    ],
    [
      'the OID of LOINC',
      {
        valueCodeableConcept: {
          coding: [{ system: 'urn:oid:2.16.840.1.113883.6.1', code: 'LA33-6' }],
        },
      },
    ],
    ['words that match one answer exactly', { valueCodeableConcept: { text: ' YES. ' } }],
    ['a boolean', { valueCodeableConcept: undefined, valueBoolean: true }],
    [
      'a local code with the words of one answer',
      { valueCodeableConcept: { coding: [{ system: 'urn:local', code: '1', display: 'Yes' }] } },
    ],
  ])('%s is read, said so, and no policy acts on it', (_title, change) => {
    const coding = code({ observations: [observation('o', '93030-5', '', change)] });
    expect(coding.needs).toMatchObject([
      { category: 'transportation-insecurity', unambiguous: false },
    ]);
    expect(issues(coding)).toEqual(['mended']);
  });

  it('reads an answer by the words of the form, the whole sentence', () => {
    const words = 'I have a place to live today, but I am worried about losing it in the future';
    const response = form(
      'r',
      {},
      {
        item: [
          {
            linkId: 'housing',
            definition: 'http://loinc.org/71802-3',
            answer: [{ valueString: words }],
          },
        ],
      },
    );
    expect(needs(code({ responses: [response] }))).toEqual(['housing-instability']);
  });

  it('lets a mended risk follow from mended items only as mended', () => {
    const response = form(
      'r',
      {},
      {
        questionnaire: 'http://loinc.org/q/88121-9',
        item: [{ linkId: '/88122-7', answer: [{ valueString: 'often true' }] }],
      },
    );
    expect(code({ responses: [response] }).needs).toMatchObject([
      { category: 'food-insecurity', unambiguous: false },
    ]);
  });
});

describe('a code', () => {
  it('is the leaf of the day that the timestamp itself gives', () => {
    const shutOff = (authored: string) =>
      icd(code({ responses: [form('r', { '96779-4': 'LA33-6' }, { authored })] }));
    expect(shutOff('2025-10-01T00:10:00-05:00')).toEqual(['Z59.861']);
    expect(shutOff('2025-09-30T23:50:00-05:00')).toEqual(['Z59.86']);
    expect(icd(code({ responses: [form('r', hungry, { authored: '2020-03-01' })] }))).toEqual([
      undefined,
    ]);
  });

  it('names the editions of both code systems in its evidence', () => {
    const [evidence] = code({
      responses: [form('r', hungry, { authored: '2025-10-02' })],
    }).evidence;
    expect(evidence?.codeSystems).toEqual([
      {
        system: 'http://snomed.info/sct',
        code: '733423003',
        version: 'http://snomed.info/sct/731000124108',
      },
      { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'Z59.41', version: '2026' },
    ]);
  });

  it('of an adult waits for a birth date, and is none below the age', () => {
    const school = { questionnaire: 'http://loinc.org/q/93025-5' };
    const asked = (birthDate?: string) =>
      code({
        ...(birthDate ? { patient: { resourceType: 'Patient' as const, birthDate } } : {}),
        responses: [form('r', { '82589-3': 'LA30191-3' }, school)],
      });
    expect([needs(asked('2008-05-04')), issues(asked('2008-05-04'))]).toEqual([
      ['educational-attainment'],
      [],
    ]);
    expect([
      needs(asked('2008-05-05')),
      issues(asked('2008-05-05')),
      asked('2008-05-05').observations[0]?.resource.interpretation,
    ]).toEqual([[], ['not-coded'], undefined]);
    expect([needs(asked('2008')), issues(asked('2008'))]).toEqual([[], ['missing-data']]);
    expect([needs(asked()), issues(asked())]).toEqual([[], ['missing-data']]);
    expect(needs(asked('2007'))).toEqual(['educational-attainment']);
  });
});

describe('one Condition per person and need', () => {
  it('across Encounters and instruments, with evidence of each answer', () => {
    const later = form(
      'r2',
      { '88123-5': 'LA6729-3' },
      { authored: '2026-07-01T10:00:00Z', questionnaire: 'http://loinc.org/q/88121-9' },
    );
    const coding = code({
      responses: [form('r1', hungry), later],
      observations: [
        observation('o1', '93031-3', 'LA30125-1', { effectiveDateTime: '2026-08-01' }),
      ],
    });
    expect(coding.conditions).toHaveLength(1);
    expect(coding.conditions[0]?.resource.evidence).toHaveLength(3);
    expect(coding.evidence).toHaveLength(3);
  });

  const onFile = (change: object): fhir4.Condition => ({
    resourceType: 'Condition',
    id: 'c7',
    subject: { reference: 'Patient/p1' },
    clinicalStatus: { coding: [{ code: 'active' }] },
    verificationStatus: { coding: [{ code: 'confirmed' }] },
    code: { coding: [{ system: 'http://snomed.info/sct', code: '32911000' }] },
    recordedDate: '2026-01-01',
    ...change,
  });
  const sdohcc = (category: string) => [
    {
      coding: [
        {
          system:
            'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes',
          code: category,
        },
      ],
    },
  ];
  const byIcd = (leaf: string) => ({
    code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: leaf }] },
  });
  const refuted = { verificationStatus: { coding: [{ code: 'refuted' }] } };
  const evidence = [{ detail: [{ reference: 'Observation/o1' }] }];
  const fed = [observation('o1', '71802-3', 'LA31995-6')];

  it.each<[string, object, string]>([
    ['on file by its SNOMED CT code: gets evidence', {}, 'evidence'],
    ['on file without a clinical status: gets evidence', { clinicalStatus: undefined }, 'evidence'],
    [
      'on file by an ICD-10-CM code that names it alone: gets evidence',
      byIcd('Z59.00'),
      'evidence',
    ],
    ['on file by an ICD-10-CM code of another need: a new one', byIcd('Z59.41'), 'new'],
    ['on file in another category: a new one', { category: sdohcc('material-hardship') }, 'new'],
    ['on file in its category: gets evidence', { category: sdohcc('homelessness') }, 'evidence'],
    [
      'entered in error: a new one',
      { verificationStatus: { coding: [{ code: 'entered-in-error' }] } },
      'new',
    ],
    [
      'resolved before the answer: a new one',
      { clinicalStatus: { coding: [{ code: 'resolved' }] }, abatementDateTime: '2026-04-01' },
      'new',
    ],
    [
      'resolved after the answer: none',
      { clinicalStatus: { coding: [{ code: 'resolved' }] }, abatementDateTime: '2026-06-01' },
      'none',
    ],
    ['refuted with this answer: none', { ...refuted, evidence }, 'none'],
    [
      'refuted, recorded after the answer: none',
      { ...refuted, recordedDate: '2026-06-01' },
      'none',
    ],
    [
      'refuted before the answer was given: a new one',
      { ...refuted, meta: { lastUpdated: '2026-02-01T00:00:00Z' } },
      'new',
    ],
    [
      'refuted, nothing tells when: none, and a person is told',
      { ...refuted, meta: { lastUpdated: '2026-06-01T00:00:00Z' } },
      'person',
    ],
    [
      'another need',
      { code: { coding: [{ system: 'http://snomed.info/sct', code: '733423003' }] } },
      'new',
    ],
  ])('%s', (_title, change, expected) => {
    const coding = code({ observations: fed, conditions: [onFile(change)] });
    const warned = issues(coding).includes('condition-review');
    const is =
      coding.evidenceAdded.length > 0
        ? 'evidence'
        : coding.conditions.length > 0
          ? 'new'
          : warned
            ? 'person'
            : 'none';
    expect(is).toBe(expected);
    if (expected === 'evidence')
      expect(coding.evidenceAdded).toEqual([
        { condition: 'Condition/c7', observations: [`${base}/Observation/o1`] },
      ]);
  });

  it('refuted with the items of a risk is refuted with the risk', () => {
    const items = [
      observation('o1', '88122-7', 'LA28397-0'),
      observation('o9', '88123-5', 'LA6729-3'),
    ];
    const condition = onFile({
      ...refuted,
      evidence,
      code: { coding: [{ system: 'http://snomed.info/sct', code: '733423003' }] },
    });
    expect(code({ observations: items, conditions: [condition] }).needs).toEqual([]);
  });

  it('shares an ICD-10-CM code with another need, and is a need of its own', () => {
    const pests = form('r', { '96778-6': ['LA31996-4', 'LA28580-1'] });
    const coding = code({
      responses: [pests],
      conditions: [onFile({ ...byIcd('Z59.19'), category: sdohcc('inadequate-housing') })],
    });
    expect(coding.conditions).toHaveLength(2);
  });

  it('its own copy in the EHR is no second Condition', () => {
    const first = code({ observations: fed });
    const copy = { ...(first.conditions[0]?.resource as fhir4.Condition), id: 'ehr-9' };
    const again = code({ observations: fed, conditions: [copy], made: madeOf(first) });
    expect([again.evidenceAdded, again.conditions]).toEqual([[], first.conditions]);
  });

  it('of ours that was refuted stays so for its answers, and the next answer makes another', () => {
    const first = code({ observations: fed });
    const made = madeOf(first).map((one) => ({
      ...one,
      verificationStatus: { coding: [{ code: 'refuted' }] },
    }));
    expect(code({ observations: fed, made }).needs).toEqual([]);
    const again = code({
      observations: [
        ...fed,
        observation('o2', '71802-3', 'LA31995-6', { effectiveDateTime: '2026-09-01' }),
      ],
      made,
    });
    expect(again.conditions.map((one) => one.resource.evidence)).toEqual([
      [{ detail: [{ reference: `${base}/Observation/o2` }] }],
    ]);
    expect(again.conditions[0]?.id).not.toBe(first.conditions[0]?.id);
  });

  it('that a person confirmed keeps all that it says and gets evidence', () => {
    const first = code({ observations: fed });
    const made = madeOf(first).map((one) => ({
      ...one,
      verificationStatus: { coding: [{ code: 'confirmed' }] },
      note: [{ text: 'seen' }],
    }));
    const [again] = code({
      observations: [
        ...fed,
        observation('o2', '71802-3', 'LA31995-6', { effectiveDateTime: '2026-09-01' }),
      ],
      made,
    }).conditions;
    expect(again?.resource).toEqual({
      ...made[0],
      evidence: [
        ...(made[0]?.evidence ?? []),
        { detail: [{ reference: `${base}/Observation/o2` }] },
      ],
    });
  });
});

describe('a later answer', () => {
  const first = form('r1', worried);
  const second = (answers: Record<string, string>) =>
    form('r2', answers, { authored: '2026-06-04T10:00:00-05:00' });

  it('of homelessness excludes housing instability, and the other way round', () => {
    expect(needs(code({ responses: [first, second(homeless)] }))).toEqual(['homelessness']);
    expect(needs(code({ responses: [form('r1', homeless), second(worried)] }))).toEqual([
      'housing-instability',
    ]);
    expect(
      needs(code({ responses: [first], observations: [observation('o', '71802-3', 'LA30190-5')] })),
    ).toEqual(['homelessness']);
  });

  it('that denies the need wins: nothing is suggested, both answers stay, and it is said', () => {
    const coding = code({ responses: [first, second(housed)] });
    expect(coding.needs).toEqual([]);
    expect(coding.conditions).toEqual([]);
    expect(coding.observations).toHaveLength(2);
    expect(coding.screenings[0]?.issues).toMatchObject([
      { code: 'not-coded', severity: 'information' },
    ]);
  });

  it('that denies the need takes back what nobody has looked at, and leaves to a person what somebody has', () => {
    const made = code({ responses: [first] }).conditions.map((one) => one.resource);
    const both = { responses: [first, second(housed)], made };
    expect(code(both).withdrawn.map((one) => one.id)).toEqual(made.map((one) => one.id));
    const decided = code({ ...both, decided: new Set(made.map((one) => one.id ?? '')) });
    expect(decided.withdrawn).toEqual([]);
    expect(decided.screenings.at(-1)?.issues).toMatchObject([
      { code: 'condition-review', severity: 'warning' },
    ]);
  });

  it('that denies a need on file calls a person', () => {
    const condition: fhir4.Condition = {
      resourceType: 'Condition',
      id: 'c7',
      subject: {},
      code: { coding: [{ system: 'http://snomed.info/sct', code: '1156191002' }] },
    };
    expect(
      code({ responses: [first, second(housed)], conditions: [condition] }).screenings.at(-1),
    ).toMatchObject({
      outcome: 'needsPerson',
    });
  });

  it('that says so again lets the policy act after an earlier denial', () => {
    expect(code({ responses: [form('r1', housed), second(worried)] }).needs).toMatchObject([
      { unambiguous: true },
    ]);
  });
});

describe('the policy `unambiguous`', () => {
  const hvs = { questionnaire: 'http://loinc.org/q/88121-9' };
  it.each<[string, Partial<PersonRecord>, boolean]>([
    ['acts on a coded positive answer', { responses: [form('r', rideless)] }, true],
    [
      'acts on the risk that follows from one positive item',
      { responses: [form('r', hungry, hvs)] },
      true,
    ],
    [
      'acts on one item though the other is never',
      { responses: [form('r', { ...hungry, '88123-5': 'LA28398-8' }, hvs)] },
      true,
    ],
    ['acts on a stated risk', { responses: [form('r', { '88124-3': 'LA19952-3' }, hvs)] }, true],
    [
      'does not where the stated risk and the answers disagree',
      { responses: [form('r', { ...hungry, '88124-3': 'LA19983-8' }, hvs)] },
      false,
    ],
    [
      'does not where one question has two answers',
      { responses: [form('r', { '88122-7': ['LA28397-0', 'LA6729-3'] })] },
      false,
    ],
    [
      'does not beside none of the above',
      { responses: [form('r', { '96778-6': ['LA28580-1', 'LA9-3'] })] },
      false,
    ],
    [
      'does not where another instrument denies it at the same time',
      {
        responses: [
          form('r', rideless),
          form('s', { '93030-5': 'LA32-8' }, { questionnaire: 'http://loinc.org/q/93025-5' }),
        ],
      },
      false,
    ],
    [
      'acts where it was denied before',
      {
        responses: [
          form('r', rideless),
          form(
            's',
            { '93030-5': 'LA32-8' },
            { questionnaire: 'http://loinc.org/q/93025-5', authored: '2026-05-01' },
          ),
        ],
      },
      true,
    ],
    [
      'acts where a later form was refused',
      {
        responses: [
          form('r', rideless),
          form(
            's',
            { '93030-5': 'LA30257-2' },
            { questionnaire: 'http://loinc.org/q/93025-5', authored: '2026-05-05' },
          ),
        ],
      },
      true,
    ],
    [
      'acts where another need is denied',
      { responses: [form('r', { ...rideless, ...housed })] },
      true,
    ],
  ])('%s', (_title, change, expected) => {
    const coding = code(change);
    expect(coding.needs).toHaveLength(1);
    expect(coding.needs[0]?.unambiguous).toBe(expected);
  });
});

describe('an answer taken back after it was coded', () => {
  const inError = form('r1', rideless, { status: 'entered-in-error' });

  it('takes an untouched suggestion with it, and brings it again when it comes again', () => {
    const first = code({ responses: [form('r1', rideless)] });
    const second = code({ responses: [inError], made: madeOf(first) });
    expect([second.conditions, second.needs]).toEqual([[], []]);
    expect(second.withdrawn).toMatchObject([
      {
        id: first.conditions[0]?.id,
        resource: { verificationStatus: { coding: [{ code: 'entered-in-error' }] } },
      },
    ]);
    expect(second.withdrawn[0]?.resource.clinicalStatus).toBeUndefined();
    expect(code({ responses: [inError], made: madeOf(second) }).withdrawn).toEqual([]);
    expect(code({ responses: [form('r1', rideless)], made: madeOf(second) }).conditions).toEqual(
      first.conditions,
    );
  });

  it('leaves what somebody decided on, and calls them', () => {
    const first = code({ responses: [form('r1', rideless)] });
    const decided = new Set(first.conditions.map((one) => one.id));
    const second = code({ responses: [inError, form('r2', housed)], made: madeOf(first), decided });
    expect([second.withdrawn, second.conditions]).toEqual([[], []]);
    expect(second.needs).toMatchObject([
      {
        category: 'transportation-insecurity',
        doubted: true,
        unambiguous: false,
        conditions: [...decided],
      },
    ]);
    expect(issues(second)).toContain('condition-review');
  });

  it('comes late and is the older one: the Condition is as if it had come in order', () => {
    const [older, newer] = [form('r0', hungry, { authored: '2020-06-04' }), form('r1', hungry)];
    const first = code({ responses: [newer] });
    expect(icd(first)).toEqual(['Z59.41']);
    const second = code({ responses: [newer, older], made: madeOf(first) });
    expect(second.conditions).toEqual(code({ responses: [older, newer] }).conditions);
    expect([icd(second), second.conditions[0]?.resource.recordedDate]).toEqual([
      [undefined],
      '2020-06-04',
    ]);
  });

  it('leaves the other answers of a need alone', () => {
    const first = code({
      responses: [form('r1', rideless), form('r2', rideless, { authored: '2026-06-01' })],
    });
    const second = code({
      responses: [inError, form('r2', rideless, { authored: '2026-06-01' })],
      made: madeOf(first),
    });
    expect(second.conditions.map((one) => one.id)).toEqual(first.conditions.map((one) => one.id));
    expect(second.conditions[0]?.resource.evidence).toHaveLength(1);
  });
});

describe('malformed screenings', () => {
  it.each<[string, object]>([
    ['items that are no list', { item: { linkId: '/93030-5' } }],
    ['an item that is a word', { item: ['/93030-5'] }],
    [
      'answers that are no list',
      { item: [{ linkId: '/93030-5', answer: { valueString: 'Yes' } }] },
    ],
    ['an answer that is nothing', { item: [{ linkId: '/93030-5', answer: [null] }] }],
    ['a linkId that is a number', { item: [{ linkId: 93030 }] }],
  ])('%s: that one is quarantined, and its neighbors are coded', (_title, change) => {
    const coding = code({ responses: [form('bad', {}, change), form('good', rideless)] });
    expect(outcomes(coding).sort()).toEqual([
      'ahc-hrsn coded',
      'ahc-hrsn quarantined malformed-resource',
    ]);
  });

  it('nests as deep as it likes', () => {
    let item: object = { linkId: '/93030-5' };
    for (let level = 0; level < 10_000; level += 1) item = { linkId: 'g', item: [item] };
    expect(
      outcomes(code({ responses: [form('deep', {}, { item: [item] }), form('good', rideless)] })),
    ).toContain('ahc-hrsn coded');
  });

  it('a component or member list that is none quarantines its Observation alone', () => {
    const bad = observation('bad', '96777-8', '', {
      valueCodeableConcept: undefined,
      component: { code: {} },
    });
    expect(
      outcomes(code({ observations: [bad, observation('good', '93030-5', 'LA33-6')] })).sort(),
    ).toEqual(['ahc-hrsn coded', 'ahc-hrsn quarantined malformed-resource']);
  });

  it('never throws on garbage', () => {
    const garbage = [
      null,
      7,
      'x',
      [],
      {},
      { id: 1 },
      { code: 'x' },
      { code: { coding: 'x' } },
      { status: 'final', category: survey, code: { coding: [{ system: 3, code: 7 }] } },
    ];
    const wrong = observation('w', '93030-5', '', {
      valueCodeableConcept: 'LA33-6',
      performer: 'x',
      encounter: 'x',
      effectivePeriod: 'x',
    });
    const any = [
      ...garbage,
      wrong,
      form('q', rideless, { source: 'x', encounter: 7, questionnaire: {} }),
    ] as never[];
    expect(() =>
      code({
        observations: any,
        responses: any,
        encounters: any,
        conditions: any,
        patient: { resourceType: 'Patient', birthDate: 7 } as never,
      }),
    ).not.toThrow();
  });
});

describe('a suggestion whose code a person chose', () => {
  const ride = form('r1', { '93030-5': 'LA33-6' });
  const [before] = code({ responses: [ride] }).conditions;
  const chosen = { coding: [{ system: 'http://snomed.info/sct', code: '551731000124103' }] };
  const id = before?.id ?? '';
  const edited = {
    made: madeOf(code({ responses: [ride] })),
    decided: new Set([id]),
    recoded: new Map([[id, chosen]]),
  };
  // PRAPARE has a finding of its own for it: the one that was chosen.
  const again = form(
    'r2',
    { '93030-5': 'LA30133-5' },
    { questionnaire: 'http://loinc.org/q/93025-5', authored: '2026-06-04T10:00:00-05:00' },
  );

  it('keeps it when it is coded again, and is not taken back when nothing supports it', () => {
    const coding = code({ responses: [ride], ...edited });
    expect(coding.conditions).toMatchObject([{ id, resource: { code: chosen } }]);
    expect(
      code({ responses: [{ ...ride, status: 'entered-in-error' }], ...edited }).withdrawn,
    ).toEqual([]);
  });

  it('calls a person when the EHR has, or has refuted, what it says now', () => {
    const inEhr = (verification: string): fhir4.Condition => ({
      resourceType: 'Condition',
      id: 'c9',
      subject: { reference: 'Patient/p1' },
      clinicalStatus: { coding: [{ code: 'active' }] },
      verificationStatus: { coding: [{ code: verification }] },
      code: chosen,
    });
    for (const [verification, says] of [
      ['confirmed', 'a second one'],
      ['refuted', 'was refuted'],
    ] as const) {
      const coding = code({ responses: [ride], conditions: [inEhr(verification)], ...edited });
      expect(coding.screenings[0]?.issues).toContainEqual(
        expect.objectContaining({
          code: 'condition-review',
          source: 'Condition/c9',
          text: expect.stringContaining(says),
        }),
      );
      expect(coding.needs).toMatchObject([{ unambiguous: false }]);
    }
    expect(code({ responses: [ride], ...edited }).needs).toMatchObject([{ unambiguous: true }]);
  });

  it('stands for what it says now: an answer with that finding is added to it, and makes no second one', () => {
    const coding = code({ responses: [ride, again], ...edited });
    expect(coding.conditions.map((one) => one.id)).toEqual([id]);
    expect(coding.conditions[0]?.resource.evidence).toHaveLength(2);
    expect(coding.needs).toMatchObject([
      { category: 'transportation-insecurity', conditions: [id] },
    ]);
    expect(coding.provenances).toHaveLength(1);
    expect(code({ responses: [ride, again] }).conditions).toHaveLength(2);
  });
});

describe('a need that is confirmed in the EHR', () => {
  const onFile = (change: object = {}): fhir4.Condition => ({
    resourceType: 'Condition',
    id: 'c1',
    subject: { reference: 'Patient/p1' },
    clinicalStatus: { coding: [{ code: 'active' }] },
    verificationStatus: { coding: [{ code: 'confirmed' }] },
    code: { coding: [{ system: 'http://snomed.info/sct', code: '551691000124106' }] },
    ...change,
  });
  const confirmed = (
    condition: fhir4.Condition,
    answers: Record<string, string> = { '93030-5': 'LA33-6' },
  ) =>
    code({ responses: [form('r1', answers)], conditions: [condition] }).needs.map(
      (one) => one.confirmed === true,
    );

  it('is one where every Condition of it is', () => {
    expect(confirmed(onFile())).toEqual([true]);
    expect(
      confirmed(onFile({ verificationStatus: { coding: [{ code: 'unconfirmed' }] } })),
    ).toEqual([false]);
    expect(confirmed(onFile({ verificationStatus: undefined }))).toEqual([false]);
    expect(code({ responses: [form('r1', { '93030-5': 'LA33-6' })] }).needs).toMatchObject([
      { category: 'transportation-insecurity' },
    ]);
    const prapare = form(
      'r2',
      { '93030-5': 'LA30133-5' },
      { questionnaire: 'http://loinc.org/q/93025-5' },
    );
    const both = code({
      responses: [form('r1', { '93030-5': 'LA33-6' }), prapare],
      conditions: [onFile()],
    });
    expect(both.needs.map((one) => [one.conditions.length, one.confirmed === true])).toEqual([
      [2, false],
    ]);
  });
});

describe('Provenance', () => {
  it('names the answers, and in its policy each rule and code system with its version', () => {
    const ride = form('r1', { '93030-5': 'LA33-6' });
    const [provenance] = code({ responses: [ride] }).provenances;
    expect(provenance?.resource).toMatchObject({
      entity: [{ role: 'source', what: { reference: `${base}/QuestionnaireResponse/r1` } }],
      policy: [
        expect.stringMatching(/\/rule\/ahc-hrsn\/93030-5\/LA33-6\|\d{4}\.\d\d$/),
        'http://hl7.org/fhir/sid/icd-10-cm|2026',
        'http://snomed.info/sct|http://snomed.info/sct/731000124108',
      ],
    });
  });
});
