import { type fhir4, parseJson } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { at, bundle, code, form, observation, patient } from '../../test/bundles.ts';

const ahc = '96777-8';
const threatened = (change: object = {}) => observation('o1', '95618-5', 'LA16644-9', change);
const never = (change: object = {}) => observation('o1', '95618-5', 'LA6270-8', change);
const hungry = observation('o9', '88122-7', 'LA28397-0');
const item = (linkId: unknown, answer: unknown) => ({ linkId, answer });
const hurt = [{ valueCoding: { system: 'http://loinc.org', code: 'LA16644-9' } }];

const said = (issues: readonly fhir4.OperationOutcomeIssue[]) =>
  issues
    .filter((one) => one.severity !== 'information')
    .map(
      (one) =>
        `${one.severity} ${one.details?.coding?.[0]?.code} ${one.expression?.[0]?.replace('Bundle.entry', '') ?? ''}`,
    );
const needs = (transaction: readonly fhir4.BundleEntry[]) =>
  transaction.filter((one) => one.resource?.resourceType === 'Condition').length;

type Loose = ReturnType<typeof patient>;

describe('an answer about safety of which something cannot be read calls a person for safety', () => {
  const timeless = [null, 7, {}, [at, at], 'tomorrow'];
  it.each<[string, Loose]>([
    ...timeless.map((time): [string, Loose] => [
      `a form whose time is ${JSON.stringify(time)}`,
      form(ahc, { '95618-5': 'LA16644-9' }, { authored: time }),
    ]),
    ...timeless.map((time): [string, Loose] => [
      `an Observation at ${JSON.stringify(time)}`,
      threatened({ effectiveDateTime: time }),
    ]),
    ['a form without a time', form(ahc, { '95618-5': 'LA16644-9' }, { authored: undefined })],
    [
      'a component of a panel without a time',
      observation(
        'o1',
        ahc,
        {},
        {
          effectiveDateTime: undefined,
          component: [
            {
              code: { coding: [{ system: 'http://loinc.org', code: '95618-5' }] },
              valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: 'LA16644-9' }] },
            },
          ],
        },
      ),
    ],
    [
      'a stated score without a time',
      observation('o1', '95614-4', { valueInteger: 12 }, { effectiveDateTime: undefined }),
    ],
    [
      'a category without its code',
      threatened({
        category: [
          {
            coding: [
              { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: null },
            ],
          },
        ],
      }),
    ],
    ['a category that says nothing', threatened({ category: [{ coding: [{}] }] })],
    ['no codings as its value', never({ valueCodeableConcept: { coding: [] } })],
    ['a coding that says nothing', never({ valueCodeableConcept: { coding: [{}] } })],
    [
      'an empty code',
      never({ valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: '' }] } }),
    ],
    [
      'an empty code in a form',
      form(
        ahc,
        {},
        { item: [item('/95618-5', [{ valueCoding: { system: 'http://loinc.org', code: '' } }])] },
      ),
    ],
    ['a type that is none', { ...threatened(), resourceType: 'Observaton' }],
    [
      'a system that is null',
      threatened({ code: { coding: [{ system: null, code: '95618-5' }] } }),
    ],
    [
      'a code that is two',
      threatened({ code: [{ coding: [{ system: 'http://loinc.org', code: '95618-5' }] }, {}] }),
    ],
    ['an item in a list of its own', form(ahc, {}, { item: [[item('/95618-5', hurt)]] })],
  ])('%s', (_what, resource) => {
    const { transaction, issues } = code(
      JSON.parse(JSON.stringify(bundle(patient(), resource, hungry))),
    );
    expect(
      said(issues).filter((one) => one.startsWith('warning sensitive [1].resource')),
    ).toHaveLength(1);
    expect(needs(transaction)).toBe(1);
  });

  it.each(['item', 'linkId', 'answer'])('two members of one name: %s', (key) => {
    const text = JSON.stringify(
      bundle(patient(), form(ahc, {}, { item: [item('/95618-5', hurt)] }), hungry),
    );
    const { issues } = code(parseJson(text.replace(`"${key}":`, `"${key}":null,"${key}":`)));
    expect(
      said(issues).filter((one) => one.startsWith('warning sensitive [1].resource')),
    ).toHaveLength(1);
    // One place, one sentence.
    expect(said(issues).filter((one) => one.startsWith('error'))).toHaveLength(1);
  });

  it('and nobody where the answer about safety was read, or the question is another', () => {
    const hits = ['95618-5', '95617-7', '95616-9', '95615-1'];
    const safe = form(ahc, Object.fromEntries(hits.map((question) => [question, 'LA6270-8'])));
    const beside = { ...safe, item: [...(safe.item as object[]), item('/93030-5', [null])] };
    expect(said(code(bundle(patient(), beside)).issues)).toEqual([
      'error unreadable [1].resource.item[4].answer[0]',
    ]);
    expect(said(code(bundle(patient(), { ...hungry, resourceType: 'Observaton' })).issues)).toEqual(
      ['error unreadable [1].resource.resourceType'],
    );
  });
});

describe('what FHIR does not have is named at its place, and all else is coded', () => {
  it.each<[string, (entry: object) => object, string]>([
    ['a number as fullUrl', (entry) => ({ ...entry, fullUrl: 7 }), '[1].fullUrl'],
    [
      'null among texts',
      (entry) => ({ ...entry, resource: { ...hungry, meta: { profile: [null] } } }),
      '[1].resource.meta.profile[0]',
    ],
  ])('%s', (_what, change, place) => {
    const whole = bundle(patient(), hungry);
    const { transaction, issues } = code({
      ...whole,
      entry: whole.entry.map((one, index) => (index === 1 ? change(one) : one)),
    });
    expect(said(issues)).toEqual([`error unreadable ${place}`]);
    expect(needs(transaction)).toBe(1);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'a member that is named %s is passed over like any other',
    (name) => {
      const text = JSON.stringify(bundle(patient(), form(ahc, { '93030-5': 'LA33-6' }), hungry));
      const { transaction, issues } = code(
        parseJson(
          text
            .replaceAll('"linkId"', `"${name}":{"a":1},"linkId"`)
            .replaceAll('"status"', `"${name}":null,"status"`),
        ),
      );
      expect(said(issues)).toEqual([]);
      expect(needs(transaction)).toBe(2);
    },
  );

  it('an item that is empty', () => {
    const whole = form(ahc, { '93030-5': 'LA33-6' });
    const { transaction, issues } = code(
      bundle(patient(), { ...whole, item: [{}, ...(whole.item as object[])] }),
    );
    expect(said(issues)).toContain('error unreadable [1].resource.item[0]');
    expect(needs(transaction)).toBe(1);
  });

  it('null among texts is left to its extension, where it has one', () => {
    const name = [
      {
        given: [null, 'Ada'],
        _given: [
          {
            extension: [
              {
                url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
                valueCode: 'masked',
              },
            ],
          },
          null,
        ],
      },
    ];
    expect(said(code(bundle(patient({ name }), hungry)).issues)).toEqual([]);
  });
});

describe('danger that is kept where no screening is looked for', () => {
  const exam = {
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'exam' },
        ],
      },
    ],
  };
  const suicidal = (change: object) => observation('o1', '44260-8', 'LA6571-9', change);
  it.each<[string, Loose, string]>([
    ['an Observation under another category', threatened(exam), '[1].resource'],
    ['thoughts of self-harm under another category', suicidal(exam), '[1].resource'],
    ['an Observation without a status', threatened({ status: undefined }), '[1].resource'],
    [
      'a form without a status',
      form(ahc, { '95618-5': 'LA16644-9' }, { status: undefined }),
      '[1].resource.item[0].answer[0]',
    ],
  ])('calls a person: %s', (_what, resource, place) => {
    const { transaction, issues } = code(bundle(patient(), resource));
    expect(transaction).toEqual([]);
    expect(said(issues)).toContain(`warning sensitive ${place}`);
  });

  it('and no danger calls nobody', () => {
    const hits = ['95618-5', '95617-7', '95616-9', '95615-1'];
    const parts = hits.map((one) => ({
      code: { coding: [{ system: 'http://loinc.org', code: one }] },
      valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: 'LA6270-8' }] },
    }));
    expect(
      said(
        code(bundle(patient(), observation('o1', ahc, {}, { component: parts, ...exam }))).issues,
      ),
    ).toEqual([]);
  });
});

it('what has no status is no answer that counts, and a person is told', () => {
  for (const resource of [
    observation('o1', '93030-5', 'LA33-6', { status: undefined }),
    form(ahc, { '93030-5': 'LA33-6' }, { status: undefined }),
  ]) {
    const { transaction, issues } = code(bundle(patient(), resource));
    expect([transaction, said(issues)]).toEqual([[], ['warning missing-data [1].resource']]);
  }
});

it('danger in a Bundle or Parameters within the Bundle calls a person, and none where nobody was asked about safety', () => {
  const within = (resource: object): Loose[] => [
    { resourceType: 'Bundle', id: 'b2', type: 'collection', entry: [{ resource }] },
    { resourceType: 'Parameters', id: 'x', parameter: [{ name: 'resource', resource }] },
  ];
  const unread = 'error unreadable [1].resource';
  for (const resource of within(threatened()))
    expect(said(code(bundle(patient(), resource)).issues)).toEqual([
      'warning sensitive [1].resource',
      unread,
    ]);
  for (const resource of within(hungry))
    expect(said(code(bundle(patient(), resource)).issues)).toEqual([unread]);
});
