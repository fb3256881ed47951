import type { fhir4 } from '@loopwell/fhir';
import { instruments } from '@loopwell/instruments';
import { deriveId } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import {
  bundle,
  code,
  conditionsOf,
  form,
  issuesOf,
  loinc,
  observation,
  observationsOf,
  patient,
  screenedOf,
} from '../../test/bundles.ts';
import { codePerson, type PersonRecord } from '../index.ts';

/** Shapes that others met at EHRs and in exchanges, with inputs of our own. */
const run = (...resources: Parameters<typeof bundle>) => code(bundle(patient(), ...resources));
const local = (codeOf: string) => ({ system: 'urn:oid:1.2.3', code: codeOf });
const food = 'POST food-insecurity 733423003 Z59.41';
const ride = 'POST transportation-insecurity 551691000124106 Z59.82';

it('reads answers that came as text under local codes, and leaves words of no list to a person', () => {
  const coded = (id: string, question: string | undefined, valueString: string) =>
    observation(
      id,
      question ?? '',
      { valueString },
      { code: { coding: [local(id), ...(question ? [{ system: loinc, code: question }] : [])] } },
    );
  const { transaction, issues } = run(
    coded('a', '88122-7', 'Often true'),
    coded('b', '93030-5', 'Yes'),
    coded('c', undefined, 'Yes'),
    coded('d', '88123-5', 'high risk'),
  );
  expect(conditionsOf(transaction)).toEqual([food, ride]);
  expect(issuesOf(issues)).toEqual([
    'information mended [1].resource',
    'information mended [2].resource',
    'warning unmapped-answer [4].resource',
    'warning unmapped-question [3].resource',
  ]);
});

describe('a form that is in progress', () => {
  const open = (change: object = {}) =>
    form(
      '96777-8',
      { '88122-7': 'LA28397-0', '93030-5': 'LA33-6' },
      { status: 'in-progress', ...change },
    );
  const record = (...responses: object[]) =>
    ({
      tenant: 'o',
      connection: 'c',
      base: 'https://e',
      person: 'p',
      encounters: [],
      observations: [],
      conditions: [],
      made: [],
      responses,
    }) as unknown as PersonRecord;
  const outcomes = (...responses: object[]) =>
    codePerson(record(...responses), instruments, { deriveId }).screenings.map(
      (one) => one.outcome,
    );

  it('is listed with the time since when it waits, and nothing is read from it, no refusal either', () => {
    for (const input of [
      open(),
      open({ item: [] }),
      open({ item: undefined }),
      open({ questionnaire: 'urn:nobody:knows' }),
    ]) {
      const { transaction, issues } = run(input);
      expect([transaction, screenedOf(issues), issuesOf(issues)]).toEqual([
        [],
        {},
        ['information not-coded [1].resource'],
      ]);
      expect(issues[0]?.details?.text).toContain('waits for completion since 2026-05-04');
      expect(outcomes(input)).toEqual(['inProgress']);
    }
  });

  it('is read as soon as a version of it is completed', () => {
    expect(conditionsOf(run(open({ status: 'completed' })).transaction)).toEqual([food, ride]);
    expect(outcomes(open({ status: 'completed' }))).toEqual(['coded']);
    expect(outcomes(open(), open({ id: 'q2', status: 'completed' }))).toEqual([
      'inProgress',
      'coded',
    ]);
  });
});

describe('several answers as a group with the code of its question', () => {
  const group = observation(
    'g',
    '96778-6',
    {},
    {
      hasMember: [{ reference: 'Observation/a' }, { reference: 'Observation/b' }],
      effectiveDateTime: '2026-05-04',
    },
  );
  const member = (id: string, answer: string) =>
    observation(id, '96778-6', answer, { effectiveDateTime: '2026-05-04' });

  it('is one need for each kind of hazard, and no question without an answer', () => {
    const { transaction, issues } = run(group, member('a', 'LA31996-4'), member('b', 'LA28580-1'));
    expect(conditionsOf(transaction)).toHaveLength(2);
    expect(observationsOf(transaction)).toEqual([
      'PUT 96778-6 LA28580-1 POS',
      'PUT 96778-6 LA31996-4 POS',
    ]);
    expect([issuesOf(issues), screenedOf(issues)]).toEqual([
      [],
      { 'inadequate-housing': 'screened' },
    ]);
    const dates = transaction.flatMap(
      ({ resource }) => (resource as fhir4.Observation).effectiveDateTime ?? [],
    );
    expect(dates).toEqual(['2026-05-04', '2026-05-04']);
  });

  it('that came alone promises what did not come', () => {
    const { transaction, issues } = run(group);
    expect([transaction, screenedOf(issues)]).toEqual([[], {}]);
    expect(issuesOf(issues)).toEqual([
      'warning missing-data [1].resource.hasMember[0]',
      'warning missing-data [1].resource.hasMember[1]',
    ]);
  });
});

it('reads a panel of a state with the questions of AHC, keeps what it flags, and carries the label of its Bundle', () => {
  const flag = (flagged: string) => ({
    interpretation: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation',
            code: flagged,
          },
        ],
      },
    ],
  });
  const panel = observation(
    'p',
    '',
    {},
    {
      code: { coding: [{ system: 'urn:state', code: 'STATE-HRSN' }] },
      hasMember: ['a', 'b'].map((id) => ({ reference: `Observation/${id}` })),
      ...flag('POS'),
    },
  );
  const eth = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'ETH' };
  const input = {
    ...bundle(
      patient(),
      panel,
      observation('a', '93030-5', 'la33-6', flag('POS')),
      observation('b', '88122-7', 'LA28398-8', flag('NEG')),
    ),
    meta: { security: [eth] },
  };
  const { transaction } = code(input);
  expect(conditionsOf(transaction)).toEqual([ride]);
  expect(observationsOf(transaction)).toEqual([
    'PUT 88122-7 LA28398-8 NEG',
    'PUT 93030-5 LA33-6 POS',
  ]);
  for (const { resource } of transaction)
    expect(resource?.meta?.security).toEqual(
      /Observation|Condition/.test(resource?.resourceType ?? '') ? [eth] : undefined,
    );
});

it('loses no answer of a form that repeats itself, and shows what was written under "Other" to a person', () => {
  const other = {
    valueCoding: { system: loinc, code: 'LA46-8' },
    item: [{ linkId: 'more', text: 'please say', answer: [{ valueString: 'diapers' }] }],
  };
  const items = [
    {
      linkId: '/93031-3',
      answer: [
        { valueCoding: { system: loinc, code: 'LA30125-1' } },
        { valueCoding: { system: loinc, code: 'LA30125-1' } },
        other,
      ],
    },
    { linkId: '/93031-3', answer: [{ valueCoding: { system: loinc, code: 'LA30124-4' } }] },
    { linkId: '/93033-9', answer: [{ valueBoolean: true }] },
  ];
  const { transaction, issues } = run(form('93025-5', {}, { item: items }));
  expect(conditionsOf(transaction).map((one) => one.split(' ')[1])).toEqual([
    'food-insecurity',
    'housing-instability',
    'utility-insecurity',
  ]);
  expect(issuesOf(issues)).toContain('warning unmapped-answer [1].resource.item[0].answer[2]');
  expect(issuesOf(issues)).toContain('information mended [1].resource.item[2].answer[0]');
});

it('shows a finding that somebody stated to a person, and asks nothing of LOINC groups and parts', () => {
  const homeless = observation('m', '75274-1', {
    valueCodeableConcept: { coding: [{ system: 'http://snomed.info/sct', code: '32911000' }] },
  });
  const { transaction, issues } = run(
    homeless,
    observation('g', 'LG51306-5', { valueString: 'Low risk' }),
    observation('f', '88122-7', 'LA28397-0', {
      code: { coding: [{ system: '2.16.840.1.113883.6.1', code: '88122-7' }] },
    }),
  );
  expect(conditionsOf(transaction)).toEqual([food]);
  expect(issues.find((one) => one.expression?.[0]?.includes('[1]'))?.details?.text).toContain(
    'states a finding (SNOMED CT 32911000)',
  );
  expect(issuesOf(issues)).toEqual([
    'information mended [3].resource',
    'warning unmapped-question [1].resource',
    'warning unmapped-question [2].resource',
  ]);
});

describe('a visit', () => {
  const visit = (status: unknown) => ({
    resourceType: 'Encounter',
    id: 'e1',
    status,
    identifier: [{ system: 'urn:visits', value: '7' }],
    subject: { reference: 'Patient/p1' },
    period: { start: '2026-05-04' },
  });
  const names: [string, object][] = [
    ['reference', { encounter: { reference: 'Encounter/e1' } }],
    ['address', { encounter: { reference: 'https://ehr.example.org/fhir/Encounter/e1' } }],
    ['identifier', { encounter: { identifier: { system: 'urn:visits', value: '7' } } }],
    ['conditional reference', { encounter: { reference: 'Encounter?identifier=urn:visits|7' } }],
    ['a version of it', { encounter: { reference: 'Encounter/e1/_history/3' } }],
    [
      'an address with its version',
      { encounter: { reference: 'https://ehr.example.org/fhir/Encounter/e1/_history/3' } },
    ],
    [
      'an address of another scheme',
      { encounter: { reference: 'http://ehr.example.org/fhir/Encounter/e1' } },
    ],
    [
      'a conditional address',
      {
        encounter: {
          reference: 'https://ehr.example.org/fhir/Encounter?identifier=urn%3Avisits%7C7',
        },
      },
    ],
    ['identifier without its system', { encounter: { identifier: { value: '7' } } }],
    ['a text', { encounter: 'Encounter/e1' }],
    ['its id alone', { encounter: { reference: 'e1' } }],
    ['a list of one', { encounter: [{ reference: 'Encounter/e1' }] }],
    [
      'one of a list',
      { encounter: [{ reference: 'Encounter/e1' }, { reference: 'Encounter/e2' }] },
    ],
    ['the context of FHIR STU3', { context: { reference: 'Encounter/e1' } }],
    [
      'an extension',
      {
        extension: [
          {
            url: 'http://hl7.org/fhir/StructureDefinition/encounter-associatedEncounter',
            valueReference: { reference: 'Encounter/e1' },
          },
        ],
      },
    ],
    [
      'an extension of its reference',
      {
        encounter: {
          extension: [{ url: 'urn:site:visit', valueReference: { reference: 'Encounter/e1' } }],
        },
      },
    ],
    [
      'a contained one of its identifier',
      { contained: [{ ...visit('finished'), id: 'v' }], encounter: { reference: '#v' } },
    ],
    [
      'a contained one that nothing names',
      { contained: [{ ...visit('entered-in-error'), id: 'v', identifier: [] }] },
    ],
  ];

  it.each(['arrived', 'triaged', 'in-progress', 'onleave', 'finished', 'unknown', 'cancelled'])(
    'that is %s is evidence',
    (status) => {
      expect(
        conditionsOf(
          run(visit(status), form('96777-8', { '93030-5': 'LA33-6' }, names[0]?.[1])).transaction,
        ),
      ).toEqual([ride]);
    },
  );

  it.each(names)('that was entered in error is none, named by %s', (_how, change) => {
    const concept = { coding: [{ code: 'entered-in-error' }] };
    for (const status of [
      'entered-in-error',
      'ENTERED_IN_ERROR',
      'entered in error',
      ['entered-in-error'],
      ['finished', 'entered-in-error'],
      concept,
    ])
      for (const answer of [
        form('96777-8', { '93030-5': 'LA33-6' }, change),
        observation('o1', '93030-5', 'LA33-6', change),
      ]) {
        const { transaction, issues } = run(visit(status), answer);
        expect(transaction).toEqual([]);
        expect(issuesOf(issues)).toContain('information not-coded [2].resource');
      }
  });

  it('that was entered in error and is contained is none, nor is what a panel or form of it holds', () => {
    const contained = {
      contained: [{ ...visit('entered-in-error'), id: 'v' }],
      encounter: { reference: '#v' },
    };
    expect(run(form('96777-8', { '93030-5': 'LA33-6' }, contained)).transaction).toEqual([]);
    const [named] = names.map(([, change]) => change);
    const panel = observation(
      'p',
      '96777-8',
      {},
      { hasMember: [{ reference: 'Observation/o1' }], ...named },
    );
    const answer = observation('o1', '93030-5', 'LA33-6');
    expect(run(visit('entered-in-error'), panel, answer).transaction).toEqual([]);
    const made = { ...answer, derivedFrom: [{ reference: 'QuestionnaireResponse/q1' }] };
    expect(
      run(visit('entered-in-error'), form('96777-8', { '93030-5': 'LA33-6' }, named), made)
        .transaction,
    ).toEqual([]);
  });

  it('that was entered in error is none, known by the address of its entry', () => {
    const { id: _id, ...nameless } = visit('entered-in-error');
    const address = 'urn:uuid:9d4a1f4e-0000-4000-8000-00000000000e';
    for (const reference of [
      address,
      address.replace(/[a-f]/g, (letter) => letter.toUpperCase()),
    ]) {
      const whole = bundle(
        patient(),
        form('96777-8', { '93030-5': 'LA33-6' }, { encounter: { reference } }),
      );
      const { transaction } = code({
        ...whole,
        entry: [...whole.entry, { fullUrl: address, resource: nameless }],
      });
      expect(transaction).toEqual([]);
    }
  });

  it('on another server is another one', () => {
    const elsewhere = { encounter: { reference: 'https://other.example.org/fhir/Encounter/e1' } };
    expect(
      conditionsOf(
        run(visit('entered-in-error'), form('96777-8', { '93030-5': 'LA33-6' }, elsewhere))
          .transaction,
      ),
    ).toEqual([ride]);
  });

  it('that was entered in error gets no answer by its time: what names none counts', () => {
    expect(
      conditionsOf(
        run(visit('entered-in-error'), form('96777-8', { '93030-5': 'LA33-6' })).transaction,
      ),
    ).toEqual([ride]);
  });
});

it('an age rule without a birth date flags nothing: a person is told what is missing', () => {
  const school = form('93025-5', { '82589-3': 'LA30191-3' });
  const { transaction, issues } = code(bundle(patient({ birthDate: undefined }), school));
  expect([observationsOf(transaction), conditionsOf(transaction)]).toEqual([
    ['POST 82589-3 LA30191-3'],
    [],
  ]);
  expect(issuesOf(issues)).toEqual(['warning missing-data [1].resource.item[0].answer[0]']);
});
