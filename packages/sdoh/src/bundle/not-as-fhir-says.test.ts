import { type fhir4, parseJson } from '@loopwell/fhir';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundle, code, condition, form, loinc, observation, patient } from '../../test/bundles.ts';

const ahc = '96777-8';
const modifier = [{ url: 'https://ehr.example.org/negated', valueBoolean: true }];
const coded = (answer: string) => ({ coding: [{ system: loinc, code: answer }] });
const ride = (change: object = {}) => observation('o1', '93030-5', 'LA33-6', change);
const hungry = observation('o9', '88122-7', 'LA28397-0');
const visit = (change: object = {}) => ({
  resourceType: 'Encounter',
  id: 'e1',
  status: 'finished',
  subject: { reference: 'Patient/p1' },
  ...change,
});
const inVisit = { encounter: { reference: 'Encounter/e1' } };

const said = (issues: readonly fhir4.OperationOutcomeIssue[]) =>
  issues
    .filter((one) => !one.details?.coding?.[0]?.code?.startsWith('screened'))
    .map(
      (one) =>
        `${one.severity} ${one.details?.coding?.[0]?.code} ${one.expression?.[0]?.replace('Bundle.entry', '') ?? ''}`,
    );
const madeOf = (transaction: readonly fhir4.BundleEntry[]) =>
  transaction.flatMap(({ resource, request }) =>
    resource?.resourceType === 'Condition'
      ? [`${request?.method} ${(resource as fhir4.Condition).category?.at(-1)?.coding?.[0]?.code}`]
      : [],
  );
const positives = (transaction: readonly fhir4.BundleEntry[]) =>
  transaction.flatMap(({ resource }) =>
    resource?.resourceType === 'Observation' &&
    JSON.stringify((resource as fhir4.Observation).interpretation ?? '').includes('"POS"')
      ? [(resource as fhir4.Observation).code.coding?.[0]?.code]
      : [],
  );

type Loose = ReturnType<typeof patient>;
const items = (change: object, answer: object = {}): Loose =>
  form(
    ahc,
    {},
    {
      item: [
        {
          linkId: '/93030-5',
          ...change,
          answer: [{ valueCoding: { system: loinc, code: 'LA33-6' }, ...answer }],
        },
      ],
    },
  );

describe('a modifierExtension or implicitRules', () => {
  it.each<[string, Loose[], string]>([
    [
      'on an Observation',
      [ride({ modifierExtension: modifier })],
      '[1].resource.modifierExtension',
    ],
    [
      'as implicitRules',
      [ride({ implicitRules: 'https://ehr.example.org/rules' })],
      '[1].resource.implicitRules',
    ],
    [
      'that is no list',
      [ride({ modifierExtension: modifier[0] })],
      '[1].resource.modifierExtension',
    ],
    [
      'on its value',
      [ride({ valueCodeableConcept: { ...coded('LA33-6'), modifierExtension: modifier } })],
      '[1].resource.valueCodeableConcept.modifierExtension',
    ],
    [
      'on a coding',
      [
        ride({
          valueCodeableConcept: {
            coding: [{ ...coded('LA33-6').coding[0], modifierExtension: modifier }],
          },
        }),
      ],
      '[1].resource.valueCodeableConcept.coding[0].modifierExtension',
    ],
    [
      'on its code',
      [ride({ code: { ...coded('93030-5'), modifierExtension: modifier } })],
      '[1].resource.code.modifierExtension',
    ],
    [
      'on whom it is about',
      [ride({ subject: { reference: 'Patient/p1', modifierExtension: modifier } })],
      '[1].resource.subject.modifierExtension',
    ],
    [
      'on a component',
      [
        observation(
          'o1',
          ahc,
          {},
          {
            component: [
              {
                code: coded('93030-5'),
                valueCodeableConcept: coded('LA33-6'),
                modifierExtension: modifier,
              },
            ],
          },
        ),
      ],
      '[1].resource.component[0].modifierExtension',
    ],
    [
      'on the panel of a member',
      [
        ride(),
        observation(
          'o2',
          ahc,
          {},
          { hasMember: [{ reference: 'Observation/o1' }], modifierExtension: modifier },
        ),
      ],
      '[2].resource.modifierExtension',
    ],
    [
      'on a panel of a panel',
      [
        ride(),
        observation('o2', ahc, {}, { hasMember: [{ reference: 'Observation/o1' }] }),
        observation(
          'o3',
          ahc,
          {},
          { hasMember: [{ reference: 'Observation/o2' }], modifierExtension: modifier },
        ),
      ],
      '[3].resource.modifierExtension',
    ],
    [
      'on a contained member',
      [
        observation(
          'o2',
          ahc,
          {},
          {
            hasMember: [{ reference: '#m' }],
            contained: [{ ...ride(), id: 'm', modifierExtension: modifier }],
          },
        ),
      ],
      '[1].resource.contained[0].modifierExtension',
    ],
    [
      'on a form',
      [form(ahc, { '93030-5': 'LA33-6' }, { modifierExtension: modifier })],
      '[1].resource.modifierExtension',
    ],
    [
      'on an item',
      [items({ modifierExtension: modifier })],
      '[1].resource.item[0].modifierExtension',
    ],
    [
      'on an answer',
      [items({}, { modifierExtension: modifier })],
      '[1].resource.item[0].answer[0].modifierExtension',
    ],
    [
      'on a group',
      [
        form(
          ahc,
          {},
          { item: [{ linkId: '/96777-8', modifierExtension: modifier, item: items({}).item }] },
        ),
      ],
      '[1].resource.item[0].modifierExtension',
    ],
    [
      'on an answer that holds items',
      [
        form(
          ahc,
          {},
          {
            item: [
              {
                linkId: 'x',
                answer: [{ valueBoolean: true, modifierExtension: modifier, item: items({}).item }],
              },
            ],
          },
        ),
      ],
      '[1].resource.item[0].answer[0].modifierExtension',
    ],
    [
      'on the form that an Observation was made of',
      [
        form(ahc, {}, { modifierExtension: modifier }),
        ride({ derivedFrom: [{ reference: 'QuestionnaireResponse/q1' }] }),
      ],
      '[1].resource.modifierExtension',
    ],
    [
      'on the Encounter that it names',
      [visit({ modifierExtension: modifier }), ride(inVisit)],
      '[1].resource.modifierExtension',
    ],
    [
      'on who answered',
      [
        {
          resourceType: 'RelatedPerson',
          id: 'r1',
          patient: { reference: 'Patient/p1' },
          modifierExtension: modifier,
        },
        ride({ performer: [{ reference: 'RelatedPerson/r1' }] }),
      ],
      '[1].resource.modifierExtension',
    ],
  ])(
    '%s: nothing is made of the answer, and a person is told where',
    (_where, resources, place) => {
      const { transaction, issues } = code(bundle(patient(), ...resources, hungry));
      expect(positives(transaction)).toEqual(['88122-7']);
      expect(madeOf(transaction)).toEqual(['POST food-insecurity']);
      expect(said(issues)).toContain(`warning not-understood ${place}`);
    },
  );

  it.each<[string, object, string]>([
    [
      'the Patient',
      bundle(patient({ modifierExtension: modifier }), ride()),
      '[0].resource.modifierExtension',
    ],
    [
      'the Bundle',
      { ...bundle(patient(), ride()), implicitRules: 'https://ehr.example.org/rules' },
      'Bundle.implicitRules',
    ],
  ])('on %s reaches all that is answered', (_where, input, place) => {
    const { transaction, issues } = code(input);
    expect([...positives(transaction), ...madeOf(transaction)]).toEqual([]);
    expect(said(issues)).toContain(`warning not-understood ${place}`);
  });

  it('on an entry reaches its resource, and no other', () => {
    const whole = bundle(patient(), ride(), hungry);
    const entry = whole.entry.map((one, index) =>
      index === 1 ? { ...one, modifierExtension: modifier } : one,
    );
    expect(positives(code({ ...whole, entry }).transaction)).toEqual(['88122-7']);
  });

  it.each<[string, object]>([
    ['a Condition on file', { modifierExtension: modifier }],
    [
      'its code',
      {
        code: {
          coding: [{ system: 'http://snomed.info/sct', code: '551691000124106' }],
          modifierExtension: modifier,
        },
      },
    ],
  ])('on %s: it gets nothing, none is made beside it, and a person looks', (_where, change) => {
    const { transaction, issues } = code(
      bundle(
        patient(),
        ride(),
        condition('c1', 'transportation-insecurity', '551691000124106', change),
      ),
    );
    expect(madeOf(transaction)).toEqual([]);
    expect(said(issues)).toContain('warning condition-review [2].resource');
  });

  it('that is empty, and a plain extension, change nothing', () => {
    const harmless = {
      modifierExtension: [],
      implicitRules: '',
      extension: [{ url: 'https://ehr.example.org/x', valueString: 'y' }],
    };
    expect(
      madeOf(
        code(bundle(patient(harmless), visit(harmless), ride({ ...harmless, ...inVisit })))
          .transaction,
      ),
    ).toEqual(['POST transportation-insecurity']);
  });

  it('on an answer about safety calls a person for safety', () => {
    const { issues } = code(
      bundle(patient(), observation('o1', '95618-5', 'LA6270-8', { modifierExtension: modifier })),
    );
    expect(said(issues)).toEqual([
      'warning sensitive [1].resource',
      'warning not-understood [1].resource.modifierExtension',
    ]);
  });
});

describe('what can mean only one thing is read as that, and said', () => {
  it.each<[string, Loose[], string]>([
    ['a number as id', [ride({ id: 77 })], '[1].resource.id'],
    [
      'one coding where a list belongs',
      [ride({ valueCodeableConcept: { coding: coded('LA33-6').coding[0] } })],
      '[1].resource.valueCodeableConcept.coding',
    ],
    [
      'a list of one where one value belongs',
      [ride({ code: [coded('93030-5')] })],
      '[1].resource.code',
    ],
    [
      'one item where a list belongs',
      [form(ahc, {}, { item: (items({}).item as object[])[0] })],
      '[1].resource.item',
    ],
    ['a reference as text', [ride({ subject: 'Patient/p1' })], '[1].resource.subject'],
    ['a status in capitals', [ride({ status: 'FINAL' })], '[1].resource.status'],
    [
      'a blank for T',
      [ride({ effectiveDateTime: '2026-05-04 10:00:00-05:00' })],
      '[1].resource.effectiveDateTime',
    ],
    [
      'an offset without its colon',
      [ride({ effectiveDateTime: '2026-05-04T10:00:00-0500' })],
      '[1].resource.effectiveDateTime',
    ],
  ])('%s', (_what, resources, place) => {
    const { transaction, issues } = code(bundle(patient(), ...resources));
    expect(madeOf(transaction)).toEqual(['POST transportation-insecurity']);
    expect(said(issues)).toContain(`information mended ${place}`);
  });

  it('a Patient by a number, and who names that Patient with a version at an address', () => {
    const whole = [
      patient({ id: 12345 }),
      ride({ subject: { reference: 'https://ehr.example.org/fhir/Patient/12345/_history/7' } }),
      observation(
        'o2',
        '95614-4',
        { valueInteger: '12' },
        { subject: { reference: 'Patient/12345' } },
      ),
    ];
    const { transaction, issues } = code(bundle(...whole));
    expect(madeOf(transaction)).toEqual(['POST transportation-insecurity']);
    expect(said(issues)).toEqual(
      expect.arrayContaining([
        'information mended [0].resource.id',
        'information mended [2].resource.valueInteger',
        'warning sensitive [2].resource',
      ]),
    );
  });
});

describe('what can mean more than one thing is named at its place, and the rest is coded', () => {
  it.each<[string, Loose, string]>([
    [
      'a text where a concept belongs',
      ride({ valueCodeableConcept: 'LA33-6' }),
      'valueCodeableConcept',
    ],
    ['null as value', ride({ valueCodeableConcept: null }), 'valueCodeableConcept'],
    ['a value that says nothing', ride({ valueCodeableConcept: {} }), 'valueCodeableConcept'],
    [
      'null among the codings',
      ride({ valueCodeableConcept: { coding: [null] } }),
      'valueCodeableConcept.coding[0]',
    ],
    ['two codes of the question', ride({ code: [coded('93030-5'), coded('88122-7')] }), 'code'],
    ['a number as status', ride({ status: 1 }), 'status'],
    ['a status that is none', ride({ status: 'done' }), 'status'],
    ['null as subject', ride({ subject: null }), 'subject'],
    [
      'a list of subjects',
      ride({ subject: [{ reference: 'Patient/p1' }, { reference: 'Patient/p2' }] }),
      'subject',
    ],
    [
      'null among the answers',
      form(ahc, {}, { item: [{ linkId: '/93030-5', answer: [null] }] }),
      'item[0].answer[0]',
    ],
    ['an id that is none', { ...hungry, id: 'a b' }, 'id'],
    ['a type that is none', { ...ride(), resourceType: 'Observaton' }, 'resourceType'],
  ])('%s', (_what, resource, place) => {
    const { transaction, issues } = code(bundle(patient(), resource, hungry));
    expect(said(issues)).toContain(`error unreadable [1].resource.${place}`);
    expect(positives(transaction)).not.toContain('93030-5');
    expect(madeOf(transaction)).toContain('POST food-insecurity');
  });

  it.each([
    ['status', '"status":"final","status":"entered-in-error"'],
    [
      'valueCodeableConcept',
      `"status":"final","valueCodeableConcept":{"coding":[]},"valueCodeableConcept":${JSON.stringify(coded('LA33-6'))}`,
    ],
    [
      'code.coding[0].code',
      `"status":"final","code":{"coding":[{"system":"${loinc}","code":"93030-5","\\u0063ode":"93030-5"}]}`,
    ],
  ])('two members of one name: %s', (place, members) => {
    const { status: _s, valueCodeableConcept: _v, ...rest } = ride();
    const shown = place.startsWith('code')
      ? { ...rest, code: undefined, valueCodeableConcept: coded('LA33-6') }
      : place === 'status'
        ? { ...rest, valueCodeableConcept: coded('LA33-6') }
        : rest;
    const text = JSON.stringify(
      bundle(patient(), { ...shown, resourceType: 'Observation' }, hungry),
    ).replace('"resourceType":"Observation"', `"resourceType":"Observation",${members}`);
    const { transaction, issues } = code(parseJson(text));
    expect(said(issues)).toContain(`error unreadable [1].resource.${place}`);
    expect(madeOf(transaction)).toEqual(['POST food-insecurity']);
  });

  it('a Condition with the statuses of FHIR STU3, an Encounter of R5, a form of STU3', () => {
    const stu3 = condition('c1', 'transportation-insecurity', '551691000124106', {
      clinicalStatus: 'resolved',
      verificationStatus: 'confirmed',
    });
    const later = visit({
      status: 'completed',
      class: [{ coding: [{ code: 'AMB' }] }],
      actualPeriod: {},
    });
    const old = form(
      ahc,
      { '88122-7': 'LA28397-0' },
      { questionnaire: { reference: `http://loinc.org/q/${ahc}` } },
    );
    const { transaction, issues } = code(bundle(patient(), stu3, later, old));
    expect(madeOf(transaction)).toEqual(['POST food-insecurity']);
    expect(said(issues).filter((one) => one.startsWith('error'))).toEqual([
      'error unreadable [1].resource.clinicalStatus',
      'error unreadable [1].resource.verificationStatus',
      'error unreadable [2].resource',
      'error unreadable [3].resource.questionnaire',
    ]);
  });

  it('an answer about safety that cannot be read, or that is nobody’s, calls a person for safety', () => {
    for (const change of [
      { valueCodeableConcept: null },
      { subject: null },
      { subject: { reference: '#p' }, contained: [{ resourceType: 'Patient', id: 'p' }] },
      { status: 7 },
    ])
      expect(
        said(code(bundle(patient(), observation('o1', '95618-5', 'LA6270-8', change))).issues),
      ).toContain('warning sensitive [1].resource');
  });

  it('a value that stands in an extension alone is not "no answer"', () => {
    const { valueCodeableConcept: _none, ...rest } = ride({
      extension: [
        {
          url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.valueAttachment',
          valueAttachment: {},
        },
      ],
    });
    expect(said(code(bundle(patient(), rest as Loose)).issues)).toEqual([
      'warning unmapped-answer [1].resource',
    ]);
  });

  it('a date that nobody means is no date of an answer', () => {
    const { transaction, issues } = code(
      bundle(patient(), ride({ effectiveDateTime: '0001-01-01T00:00:00Z' }), hungry),
    );
    expect(madeOf(transaction)).toEqual(['POST food-insecurity']);
    expect(said(issues)).toEqual(['warning invalid-value [1].resource.effectiveDateTime']);
  });

  it('the second 60 is a second of FHIR', () => {
    expect(
      madeOf(
        code(bundle(patient(), ride({ effectiveDateTime: '2026-05-04T10:00:60Z' }))).transaction,
      ),
    ).toEqual(['POST transportation-insecurity']);
  });

  it('the questions of local linkIds are those that the contained Questionnaire says', () => {
    const contained = [
      {
        resourceType: 'Questionnaire',
        id: 'q',
        url: `http://loinc.org/q/${ahc}`,
        item: [{ linkId: 'G', item: [{ linkId: 'T1', code: coded('93030-5').coding }] }],
      },
    ];
    const local = form(
      ahc,
      {},
      {
        questionnaire: '#q',
        contained,
        item: [{ linkId: 'T1', answer: [{ valueCoding: coded('LA33-6').coding[0] }] }],
      },
    );
    expect(madeOf(code(bundle(patient(), local)).transaction)).toEqual([
      'POST transportation-insecurity',
    ]);
  });
});

const carriers: Record<string, Loose[]> = {
  form: [form(ahc, { '93030-5': 'LA33-6', '71802-3': 'LA31994-9' })],
  Observations: [ride(), observation('o2', '71802-3', 'LA31994-9')],
  'a panel with members': [
    ride(),
    observation('o2', '71802-3', 'LA31994-9'),
    observation(
      'o3',
      ahc,
      {},
      { hasMember: [{ reference: 'Observation/o1' }, { reference: 'Observation/o2' }] },
    ),
  ],
  components: [
    observation(
      'o1',
      ahc,
      {},
      {
        component: [
          { code: coded('93030-5'), valueCodeableConcept: coded('LA33-6') },
          { code: coded('71802-3'), valueCodeableConcept: coded('LA31994-9') },
        ],
      },
    ),
  ],
};

type Path = readonly (string | number)[];
const pathsOf = (value: unknown, path: Path = []): Path[] =>
  typeof value !== 'object' || value === null
    ? [path]
    : [
        path,
        ...Object.entries(value).flatMap(([key, one]) =>
          pathsOf(one, [...path, Array.isArray(value) ? Number(key) : key]),
        ),
      ];

function changed(value: unknown, [key, ...rest]: Path, change: (one: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  if (Array.isArray(value))
    return value.map((one, index) => (index === key ? changed(one, rest, change) : one));
  return {
    ...(value as object),
    [key]: changed((value as Record<string, unknown>)[key as string], rest, change),
  };
}

const changes: Record<string, (one: unknown) => unknown> = {
  null: () => null,
  'a wrong type': (one) => (typeof one === 'object' ? 'x y' : { x: 1 }),
  'two in a list': (one) => [one, one],
  'a modifierExtension': (one) =>
    typeof one === 'object' && !Array.isArray(one) ? { ...one, modifierExtension: modifier } : null,
};

describe.each(Object.keys(carriers))('%s, changed at any place', (carrier) => {
  const resources = carriers[carrier] ?? [];
  const whole = bundle(
    patient(),
    ...resources,
    observation('o9', '88122-7', 'LA28397-0', { effectiveDateTime: '2025-01-01T10:00:00Z' }),
  );
  const sound = madeOf(code(whole).transaction);
  const places = pathsOf(whole.entry[1]?.resource).filter((one) => one.length > 0);

  it('never throws, makes nothing that the whole would not make, says the place, and codes the rest', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.constantFrom(...Object.keys(changes)),
        (place, how) => {
          const input = changed(
            whole,
            ['entry', 1, 'resource', ...place],
            changes[how] ?? ((one) => one),
          );
          const { transaction, issues } = code(JSON.parse(JSON.stringify(input)));
          const made = madeOf(transaction);
          for (const one of made) expect(sound).toContain(one);
          expect(made).toContain('POST food-insecurity');
          expect(
            issues.some(
              (one) =>
                one.severity !== 'information' ||
                one.details?.coding?.[0]?.code === 'mended' ||
                one.details?.coding?.[0]?.code === 'not-coded',
            ),
          ).toBe(true);
        },
      ),
      { numRuns: 250 },
    );
  });
});

describe('a value that an Observation writes in another way', () => {
  it.each<[string, string, unknown, object]>([
    [
      '93030-5',
      'valueCoding',
      coded('LA33-6').coding[0],
      { valueCodeableConcept: coded('LA33-6') },
    ],
    ['76512-3', 'valueDecimal', 3, { valueQuantity: { value: 3 } }],
    ['56799-0', 'valueDate', '2020-01-01', { valueDateTime: '2020-01-01' }],
  ])('%s as %s is mended', (question, element, value, written) => {
    const single = code(bundle(patient(), observation('o1', question, { [element]: value })));
    expect(single.transaction[0]?.resource).toMatchObject(written);
    expect(single.transaction[0]?.resource).not.toHaveProperty(element);
    expect(said(single.issues)).toContain(`information mended [1].resource.${element}`);
    const parts = { component: [{ code: coded(question), [element]: value }] };
    const panel = code(bundle(patient(), observation('o1', ahc, {}, parts)));
    expect(said(panel.issues)).toContain(`information mended [1].resource.component[0].${element}`);
    const held = {
      hasMember: [{ reference: '#m' }],
      contained: [{ ...observation('m', question, { [element]: value }) }],
    };
    expect(said(code(bundle(patient(), observation('o1', ahc, {}, held))).issues)).toContain(
      `information mended [1].resource.contained[0].${element}`,
    );
  });
});

describe('a category', () => {
  const [hl7, site] = ['http://terminology.hl7.org/CodeSystem/observation-category', 'urn:site'];
  const of = (...coding: unknown[]) => ({ category: [{ coding }] });
  it.each<[string, object]>([
    ['of a number', of({ code: 5 })],
    ['of the site', of({ system: site, code: 'questionnaire' })],
    ['in words alone', { category: [{ text: 'Screening' }] }],
    ['in capital letters', of({ system: hl7, code: 'SURVEY' })],
    ['beside another of FHIR', of({ system: hl7, code: 'survey' }, { system: hl7, code: 'exam' })],
    ['that is empty', { category: [] }],
  ])('%s leaves it to the question', (_what, change) => {
    const { transaction, issues } = code(bundle(patient(), ride(change)));
    expect(madeOf(transaction)).toEqual(['POST transportation-insecurity']);
    expect(said(issues).filter((one) => !one.includes('mended'))).toEqual([]);
  });

  it.each(['laboratory', 'vital-signs', 'exam'])(
    'of FHIR for something else (%s) makes it no screening',
    (other) => {
      const { transaction, issues } = code(
        bundle(patient(), ride(of({ system: hl7, code: other }))),
      );
      expect([madeOf(transaction), said(issues)]).toEqual([
        [],
        ['information not-coded [1].resource'],
      ]);
    },
  );
});
