import { instruments } from '@loopwell/instruments';
import { describe, expect, it } from 'vitest';
import {
  bundle,
  code,
  form,
  issuesOf,
  loinc,
  observation,
  observationsOf,
  patient,
  screenedOf,
} from '../../test/bundles.ts';

/**
 * Where a resource may say why there is no answer, and what becomes of it (coding contract; FHIR
 * R4, data-absent-reason).
 */
const system = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';
const [ahc, ride] = ['96777-8', '93030-5'];
const extension = (valueCode: string) => [
  { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode },
];
const item = (...answer: unknown[]) =>
  form(ahc, {}, { item: [{ linkId: `/${ride}`, ...(answer.length > 0 ? { answer } : {}) }] });
const yes = { system: loinc, code: 'LA33-6' };
const panel = (part: object) =>
  observation(
    'o1',
    ahc,
    {},
    { component: [{ code: { coding: [{ system: loinc, code: ride }] }, ...part }] },
  );

type Input = (reason: string) => Parameters<typeof bundle>[0];
const places: readonly [string, 'POST' | 'PUT', Input][] = [
  [
    'the item',
    'POST',
    (reason) => form(ahc, {}, { item: [{ linkId: `/${ride}`, extension: extension(reason) }] }),
  ],
  ['the answer', 'POST', (reason) => item({ extension: extension(reason) })],
  [
    'the value of an answer',
    'POST',
    (reason) => item({ _valueString: { extension: extension(reason) } }),
  ],
  [
    'the inside of a Coding',
    'POST',
    (reason) => item({ valueCoding: { extension: extension(reason) } }),
  ],
  [
    'the code of a Coding',
    'POST',
    (reason) => item({ valueCoding: { system: loinc, _code: { extension: extension(reason) } } }),
  ],
  ['a Coding of its own', 'POST', (reason) => item({ valueCoding: { system, code: reason } })],
  [
    'a component',
    'POST',
    (reason) => panel({ dataAbsentReason: { coding: [{ system, code: reason }] } }),
  ],
  [
    'the value of a component',
    'POST',
    (reason) => panel({ _valueString: { extension: extension(reason) } }),
  ],
  [
    'the Observation',
    'PUT',
    (reason) =>
      observation('o1', ride, { dataAbsentReason: { coding: [{ system, code: reason }] } }),
  ],
  [
    'the value of an Observation',
    'PUT',
    (reason) => observation('o1', ride, { _valueString: { extension: extension(reason) } }),
  ],
  [
    'the inside of a CodeableConcept',
    'PUT',
    (reason) => observation('o1', ride, { valueCodeableConcept: { extension: extension(reason) } }),
  ],
  [
    'a coding in a CodeableConcept',
    'PUT',
    (reason) =>
      observation('o1', ride, {
        valueCodeableConcept: { coding: [{ extension: extension(reason) }] },
      }),
  ],
  [
    'a coding of its own in a CodeableConcept',
    'PUT',
    (reason) =>
      observation('o1', ride, { valueCodeableConcept: { coding: [{ system, code: reason }] } }),
  ],
  [
    'the number of a Quantity',
    'PUT',
    (reason) =>
      observation('o1', ride, { valueQuantity: { _value: { extension: extension(reason) } } }),
  ],
];
const reasons = [
  'unknown',
  'asked-unknown',
  'temp-unknown',
  'not-asked',
  'masked',
  'not-applicable',
  'not-performed',
  'not-permitted',
  'error',
];

describe('a reason for no answer', () => {
  it.each(places)(
    'on %s is the reason of the Observation, code for code, and no refusal but asked-declined',
    (_place, verb, input) => {
      for (const reason of [...reasons, 'asked-declined']) {
        const { transaction, issues } = code(bundle(patient(), input(reason)));
        expect(observationsOf(transaction)).toEqual([`${verb} ${ride} ${reason}`]);
        expect(screenedOf(issues)).toEqual({
          'transportation-insecurity':
            reason === 'asked-declined' ? 'screened-declined' : 'screened-absent',
        });
        const [made] = transaction.map(
          (one) => one.resource as { valueCodeableConcept?: unknown; valueQuantity?: unknown },
        );
        expect([made?.valueCodeableConcept, made?.valueQuantity]).toEqual([undefined, undefined]);
      }
    },
  );

  it('that is no code of FHIR says that there is no answer, and no more', () => {
    for (const word of ['declined', 'refused', 'ASKU']) {
      const { transaction, issues } = code(bundle(patient(), item({ extension: extension(word) })));
      expect([observationsOf(transaction), screenedOf(issues)]).toEqual([
        [`POST ${ride} unknown`],
        { 'transportation-insecurity': 'screened-absent' },
      ]);
    }
  });

  it('in capital letters is the same reason', () => {
    for (const reason of ['ASKED-DECLINED', ' Asked-Declined '])
      for (const input of [
        item({ extension: extension(reason) }),
        observation('o1', ride, { dataAbsentReason: { coding: [{ system, code: reason }] } }),
      ])
        expect(screenedOf(code(bundle(patient(), input)).issues)).toEqual({
          'transportation-insecurity': 'screened-declined',
        });
  });

  it('beside a value leaves nothing to act on, wherever it stands', () => {
    const place = '[1].resource.item[0].answer[0]';
    const both: [Parameters<typeof bundle>[0], string][] = [
      [item({ valueCoding: yes, extension: extension('masked') }), place],
      [item({ valueCoding: { ...yes, extension: extension('masked') } }), place],
      [item({ valueCoding: yes, _valueCoding: { extension: extension('masked') } }), place],
      [
        form(
          ahc,
          {},
          {
            item: [
              {
                linkId: `/${ride}`,
                extension: extension('masked'),
                answer: [{ valueCoding: yes }],
              },
            ],
          },
        ),
        place,
      ],
      [
        observation('o1', ride, 'LA33-6', {
          dataAbsentReason: { coding: [{ system, code: 'masked' }] },
        }),
        '[1].resource',
      ],
      [observation('o1', ride, 'LA33-6', { extension: extension('masked') }), '[1].resource'],
    ];
    for (const [input, at] of both) {
      const { transaction, issues } = code(bundle(patient(), input));
      expect(transaction.some((one) => one.resource?.resourceType === 'Condition')).toBe(false);
      expect(observationsOf(transaction).some((one) => one.endsWith(' POS'))).toBe(false);
      expect(issuesOf(issues)).toEqual([`warning invalid-value ${at}`]);
    }
  });

  it('on the display or the text beside a code hides no answer', () => {
    const masked = { _display: { extension: extension('masked') } };
    expect(
      observationsOf(
        code(bundle(patient(), item({ valueCoding: { ...yes, ...masked } }))).transaction,
      ),
    ).toEqual([`POST ${ride} LA33-6 POS`]);
    const concept = { coding: [yes], _text: { extension: extension('masked') } };
    expect(
      observationsOf(
        code(bundle(patient(), observation('o1', ride, { valueCodeableConcept: concept })))
          .transaction,
      ),
    ).toEqual([`PUT ${ride} LA33-6 POS`]);
  });

  it('of one question is no refusal of the category: all have to be refused', () => {
    const food = (first: object, second: object) =>
      screenedOf(
        code(
          bundle(
            patient(),
            form(
              ahc,
              {},
              {
                item: [
                  { linkId: '/88122-7', answer: [first] },
                  { linkId: '/88123-5', answer: [second] },
                ],
              },
            ),
          ),
        ).issues,
      );
    const [no, masked] = [
      { extension: extension('asked-declined') },
      { extension: extension('masked') },
    ];
    expect(food(no, no)).toEqual({ 'food-insecurity': 'screened-declined' });
    expect(food(no, masked)).toEqual({ 'food-insecurity': 'screened-absent' });
    expect(food(no, { valueCoding: { system: loinc, code: 'LA28398-8' } })).toEqual({
      'food-insecurity': 'screened-partial',
    });
  });
});

describe('a coded "choose not to answer"', () => {
  const refusals = ['LA30122-8', 'LA15775-2', 'la30122-8'];
  const questions = instruments.flatMap((one) =>
    one.questions
      .filter(
        (question) =>
          one.panel !== '' &&
          !one.categoriesOf(question).includes('-') &&
          !one.scores.includes(question),
      )
      .map((question) => [one.id, one.panel, question] as const),
  );

  it.each(questions)(
    'is a refusal in %s (%s) of %s, whatever its list holds',
    (id, panel, question) => {
      const categories = instruments.find((one) => one.id === id)?.categoriesOf(question) ?? [];
      for (const refusal of refusals) {
        const coded = {
          code: { coding: [{ system: loinc, code: question }] },
          valueCodeableConcept: { coding: [{ system: loinc, code: refusal }] },
        };
        for (const input of [
          form(panel, { [question]: { valueCoding: { system: loinc, code: refusal } } }),
          observation('o1', panel, {}, { component: [coded] }),
        ]) {
          const { transaction, issues } = code(bundle(patient(), input));
          expect(screenedOf(issues)).toEqual(
            Object.fromEntries(categories.map((one) => [one, 'screened-declined'])),
          );
          expect(observationsOf(transaction).map((one) => one.replace(/ R$/, ''))).toEqual([
            `POST ${question} ${refusal.toUpperCase()}`,
          ]);
          expect(issuesOf(issues).filter((one) => !/sensitive|mended/.test(one))).toEqual([]);
        }
      }
    },
  );

  it('beside words of another answer, or beside another answer, contradicts', () => {
    const said = { valueCoding: { system: loinc, code: 'LA30122-8', display: 'Yes' } };
    for (const answers of [{ [ride]: said }, { [ride]: ['LA33-6', 'LA30122-8'] }]) {
      const { transaction, issues } = code(bundle(patient(), form(ahc, answers)));
      expect(transaction.some((one) => one.resource?.resourceType === 'Condition')).toBe(false);
      expect(issuesOf(issues)).toContain('warning contradiction [1].resource.item[0].answer[0]');
    }
  });

  it('of one question is none of the category', () => {
    const { issues } = code(
      bundle(patient(), form(ahc, { '88122-7': 'LA30122-8', '88123-5': 'LA28398-8' })),
    );
    expect(screenedOf(issues)).toEqual({ 'food-insecurity': 'screened-partial' });
  });
});

describe('a value beside a reason for its absence', () => {
  const reason = { dataAbsentReason: { coding: [{ system, code: 'masked' }] } };
  it.each<[string, Parameters<typeof bundle>[0]]>([
    ['a code', observation('o1', ride, 'LA33-6', reason)],
    [
      'a code that is flagged',
      observation('o1', '88122-7', 'LA28397-0', { ...reason, meta: { versionId: '3' } }),
    ],
    ['a text', observation('o1', ride, { valueString: 'Yes' }, reason)],
    ['a number', observation('o1', '95614-4', 12, reason)],
    [
      'a reason in an extension',
      observation('o1', ride, 'LA33-6', { extension: extension('masked') }),
    ],
    [
      'a reason inside of it',
      observation('o1', ride, {
        valueCodeableConcept: { coding: [yes], extension: extension('masked') },
      }),
    ],
  ])('stays in the Observation as it came: %s', (_what, input) => {
    const { transaction, issues } = code(bundle(patient(), input));
    expect(transaction).toHaveLength(1);
    const [{ resource, request } = {}] = transaction;
    expect(request).toMatchObject({
      method: 'PUT',
      url: 'Observation/o1',
      ...(input.meta ? { ifMatch: 'W/"3"' } : {}),
    });
    const { category: _category, meta: _meta, ...received } = input;
    expect(resource).toMatchObject(received);
    expect(resource).not.toHaveProperty('interpretation');
    expect(issuesOf(issues)).toContain('warning invalid-value [1].resource');
  });

  it('that is about safety is restricted, and calls a person for safety', () => {
    const { transaction, issues } = code(
      bundle(patient(), observation('o1', '95618-5', 'LA6482-9', reason)),
    );
    expect(observationsOf(transaction)).toEqual(['PUT 95618-5 LA6482-9 R']);
    expect(issuesOf(issues)).toEqual([
      'warning invalid-value [1].resource',
      'warning sensitive [1].resource',
    ]);
  });
});

describe('a value that no list can hold', () => {
  it.each<[string, object, string[]]>([
    ['less than a number', { valueQuantity: { value: 11, comparator: '<' } }, ['PUT 95614-4 11 R']],
    ['a range', { valueRange: { low: { value: 4 } } }, ['PUT 95614-4  R']],
    ['two values, which no server can take', { valueInteger: 4, valueString: '4' }, []],
    ['a type that FHIR has not there', { valueAttachment: { title: 'scan' } }, []],
  ])('is put back where FHIR has it: %s', (_what, value, put) => {
    const { transaction, issues } = code(bundle(patient(), observation('o1', '95614-4', value)));
    expect(observationsOf(transaction)).toEqual(put);
    expect(issuesOf(issues)).toEqual([
      'warning invalid-value [1].resource',
      'warning sensitive [1].resource',
    ]);
  });
});
