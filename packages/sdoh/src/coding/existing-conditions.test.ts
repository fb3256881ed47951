import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import {
  bundle,
  code,
  condition,
  conditionsOf,
  form,
  issuesOf,
  patient,
} from '../../test/bundles.ts';

const [ahc, prapare] = ['96777-8', '93025-5'];
const run = (...resources: Parameters<typeof bundle>) => code(bundle(patient(), ...resources));
const before = { recordedDate: '2026-01-01' };
const icd = (code: string, change: object = {}) => ({
  code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code }] },
  ...change,
});
const status = (code: string) => ({ clinicalStatus: { coding: [{ code }] } });

describe('a Condition on file that ICD-10-CM alone codes', () => {
  const homeless = form(ahc, { '71802-3': 'LA31995-6' });
  it.each<[string, string, Parameters<typeof bundle>[0], string]>([
    ['Z59.0', 'homelessness', homeless, 'a header of today'],
    ['Z59.01', 'homelessness', homeless, 'a kind of it'],
    [
      'Z59.4',
      'food-insecurity',
      form(ahc, { '88122-7': 'LA28397-0' }),
      'the code of the guide’s examples',
    ],
    [
      'Z59.811',
      'housing-instability',
      form(prapare, { '93033-9': 'LA33-6' }),
      'another leaf that the tables accept',
    ],
  ])('%s of %s is the need that was answered: %s', (leaf, category, answers) => {
    expect(conditionsOf(run(answers, condition('c', category, '', icd(leaf))).transaction)).toEqual(
      [`PUT ${category} - ${leaf}`],
    );
  });

  it.each<[string, string]>([
    ['http://snomed.info/sct', '733423003|Food insecurity|'],
    ['http://snomed.info/sct', '733423003 | Food insecurity (finding) |'],
    ['http://snomed.info/sct', '733423003:246112005=24484000'],
    ['http://snomed.info/sct', '733423003 |Food insecurity|:246112005|Severity|=24484000|Severe|'],
    ['http://hl7.org/fhir/sid/icd-10-cm', 'Z59.41 Food insecurity'],
    ['http://hl7.org/fhir/sid/icd-10-cm', 'Z5941'],
    ['http://hl7.org/fhir/sid/icd-10-cm', 'z59.41 - food insecurity'],
    ['', '733423003|Food insecurity|'],
  ])(
    'is the need that was answered with its term or a refinement behind its code: %s %s',
    (system, written) => {
      const coding = [{ ...(system ? { system } : {}), code: written }];
      const { transaction } = run(
        form(ahc, { '88122-7': 'LA28397-0' }),
        condition('c', 'food-insecurity', '', { code: { coding } }),
      );
      expect(
        transaction.flatMap(({ request, resource }) =>
          resource?.resourceType === 'Condition' ? [request?.url] : [],
        ),
      ).toEqual(['Condition/c']);
    },
  );

  it('is none where another finding stands before the term', () => {
    const coding = [{ system: 'http://snomed.info/sct', code: '73211009|Food insecurity|' }];
    const { transaction } = run(
      form(ahc, { '88122-7': 'LA28397-0' }),
      condition('c', 'food-insecurity', '', { code: { coding } }),
    );
    expect(
      transaction.flatMap(({ request, resource }) =>
        resource?.resourceType === 'Condition' ? [request?.url] : [],
      ),
    ).toEqual(['Condition']);
  });

  it('is another need where its category is another, or where the code names several', () => {
    const made = ['POST food-insecurity 733423003 Z59.41'];
    const hungry = form(ahc, { '88122-7': 'LA28397-0' });
    expect(
      conditionsOf(run(hungry, condition('c', 'material-hardship', '', icd('Z59.4'))).transaction),
    ).toEqual(made);
    const moldy = form(ahc, { '96778-6': 'LA28580-1' });
    expect(
      conditionsOf(run(moldy, condition('c', 'inadequate-housing', '', icd('Z59.10'))).transaction),
    ).toHaveLength(1);
  });

  it('is read by the edition of its own day', () => {
    const threatened = form(ahc, { '96779-4': 'LA33-6' });
    const old = condition(
      'c',
      'utility-insecurity',
      '',
      icd('Z59.86', { recordedDate: '2025-03-01' }),
    );
    expect(conditionsOf(run(threatened, old).transaction)).toEqual([
      'PUT utility-insecurity - Z59.86',
    ]);
  });
});

it('a Condition on file that stands for two needs is put once, with the evidence of both', () => {
  const codes = ['1162585007', '224255009'].map((one) => ({
    system: 'http://snomed.info/sct',
    code: one,
  }));
  const { transaction } = run(
    form(ahc, { '96778-6': ['LA31996-4', 'LA28580-1'] }),
    condition('c', 'inadequate-housing', '', { code: { coding: codes } }),
  );
  const puts = transaction.filter((one) => one.request?.method === 'PUT');
  expect(puts.map((one) => (one.resource as fhir4.Condition).evidence?.length)).toEqual([2]);
});

describe('a Condition on file is in doubt', () => {
  const review = ['warning condition-review [2].resource'];
  it.each<[string, Parameters<typeof bundle>[0], Parameters<typeof bundle>[0]]>([
    [
      'after a “no” of another instrument',
      form(prapare, { '93030-5': 'LA32-8' }),
      condition('c', 'transportation-insecurity', '551691000124106', before),
    ],
    [
      'of a kind that this form does not ask for',
      form(ahc, { '93030-5': 'LA32-8' }),
      condition('c', 'transportation-insecurity', '551731000124103', before),
    ],
    [
      'of a finding that no form asks for',
      form(ahc, { '93030-5': 'LA32-8' }),
      condition('c', 'transportation-insecurity', '160695008', before),
    ],
  ])('%s', (_title, answers, onFile) => {
    expect(issuesOf(run(answers, onFile).issues)).toEqual(review);
  });

  it('after an answer that says otherwise, though no source says for certain which ones mean the need', () => {
    const calm = form(prapare, { '93038-8': 'LA6568-5' });
    expect(issuesOf(run(calm, condition('c', 'stress', '73595000', before)).issues)).toEqual(
      review,
    );
  });

  it('but not where “none of the above” did not speak of it', () => {
    const none = form(ahc, { '96778-6': 'LA9-3' });
    expect(
      issuesOf(run(none, condition('c', 'inadequate-housing', '105532006', before)).issues),
    ).toEqual([]);
    expect(
      issuesOf(run(none, condition('c', 'inadequate-housing', '1162585007', before)).issues),
    ).toEqual(review);
  });
});

describe('a Condition that has ended, nobody says when', () => {
  const rideless = form(ahc, { '93030-5': 'LA33-6' });
  const ended = (change: object) =>
    condition('c', 'transportation-insecurity', '551691000124106', {
      ...status('resolved'),
      ...change,
    });
  it('was judged with answers from before it was recorded, and with those that it names', () => {
    for (const change of [
      { recordedDate: '2026-06-01' },
      { evidence: [{ detail: [{ reference: 'QuestionnaireResponse/q1' }] }] },
    ]) {
      const { transaction, issues } = run(rideless, ended(change));
      expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([
        [],
        ['information not-coded [1].resource.item[0].answer[0]'],
      ]);
    }
  });

  it('gives way to a new one otherwise', () => {
    for (const change of [{}, before])
      expect(conditionsOf(run(rideless, ended(change)).transaction)[0]).toMatch(/^POST/);
  });
});

describe('a Condition on file is the need that was answered by any of its codes', () => {
  const [snomed, icd10, food, ride] = [
    'http://snomed.info/sct',
    'http://hl7.org/fhir/sid/icd-10-cm',
    'Z59.41',
    'Z59.82',
  ];
  const hungry = form(ahc, { '88122-7': 'LA28397-0' });
  const rideless = form(ahc, { '93030-5': 'LA33-6' });
  const problem = { category: [{ coding: [{ code: 'problem-list-item' }] }] };
  const coded = (...coding: unknown[]) => ({ code: { coding }, ...problem });
  const verbs = (answers: Parameters<typeof bundle>[0], change: object) =>
    conditionsOf(run(answers, condition('c', '', '', change)).transaction).map(
      (one) => one.split(' ')[0],
    );

  it.each<[string, Parameters<typeof bundle>[0], object]>([
    [
      'a leaf beside a finding that no table knows',
      hungry,
      coded({ system: snomed, code: '999999999' }, { system: icd10, code: food }),
    ],
    [
      'a leaf beside another known finding',
      rideless,
      coded({ system: snomed, code: '551731000124103' }, { system: icd10, code: ride }),
    ],
    [
      'a finding beside a leaf of something else',
      hungry,
      coded({ system: icd10, code: 'Z56.0' }, { system: snomed, code: '733423003' }),
    ],
    [
      'a finding beside a code of the site',
      hungry,
      coded({ system: 'urn:site', code: 'FOOD' }, { system: snomed, code: '733423003' }),
    ],
    [
      'a finding of another edition',
      rideless,
      coded({
        system: snomed,
        version: 'http://snomed.info/sct/900000000000207008',
        code: '713458007',
      }),
    ],
    [
      'a system that names its edition',
      hungry,
      coded({ system: `${snomed}/731000124108`, code: '733423003' }),
    ],
    [
      'a system written otherwise',
      hungry,
      coded({ system: 'HTTPS://hl7.org/fhir/sid/icd-10-cm/', code: food }),
    ],
    ['a leaf without its dot, in small letters', hungry, coded({ system: icd10, code: 'z5941' })],
    ['a header that names no category', hungry, coded({ system: icd10, code: 'Z59.4' })],
    [
      'a child that names no category',
      form(ahc, { '71802-3': 'LA31995-6' }),
      coded({ system: icd10, code: 'Z59.02' }),
    ],
    ['a finding without its system', hungry, coded({ code: '733423003' })],
    ['a leaf without its system', hungry, coded({ code: food })],
    ['a finding that is a number', hungry, coded({ system: snomed, code: 733423003 })],
    [
      'the unspecified category',
      hungry,
      {
        ...coded({ system: icd10, code: food }),
        category: [
          {
            coding: [
              {
                system:
                  'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes',
                code: 'sdoh-category-unspecified',
              },
            ],
          },
        ],
      },
    ],
  ])('%s', (_what, answers, change) => {
    expect(verbs(answers, change)).toEqual(['PUT']);
  });

  it.each<[string, object]>([
    ['a header of several needs that names no category', coded({ system: icd10, code: 'Z59.8' })],
    [
      'a code of ICD-10 and not of ICD-10-CM',
      coded({ system: 'http://hl7.org/fhir/sid/icd-10', code: 'Z59.4' }),
    ],
    ['a code of the site that looks like one', coded({ system: 'urn:site', code: food })],
  ])('and another one by %s', (_what, change) => {
    expect(verbs(rideless, change)).toEqual(['POST']);
    expect(verbs(hungry, change)).toEqual(['POST']);
  });

  const clinical = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
  const writings = (code: string): [string, unknown][] => [
    ['as a code', { coding: [{ system: clinical, code }] }],
    ['in capital letters', { coding: [{ system: clinical, code: code.toUpperCase() }] }],
    ['without a system', { coding: [{ code }] }],
    ['as text', { text: code }],
    ['as the text of FHIR STU3', code],
    ['as that text in a list', [code]],
    ['as a list of concepts', [{ coding: [{ system: clinical, code }] }]],
    ['as one coding that is no list', { coding: { system: clinical, code } }],
    [
      'as a display alone',
      { coding: [{ system: clinical, display: code.charAt(0).toUpperCase() + code.slice(1) }] },
    ],
    [
      'behind a code of the site',
      {
        coding: [
          { system: 'urn:site', code: '7' },
          { system: clinical, code },
        ],
      },
    ],
  ];
  const onFile = (change: object) =>
    condition('c', 'food-insecurity', '733423003', { recordedDate: '2026-06-01', ...change });
  const nothing = (change: object) =>
    expect(conditionsOf(run(hungry, onFile(change)).transaction)).toEqual([]);

  it.each(
    ['resolved', 'inactive', 'remission'].flatMap((code) =>
      writings(code).map(([how, value]) => [code, how, value] as const),
    ),
  )('%s %s gets no evidence and is not made again', (_code, _how, clinicalStatus) =>
    nothing({ clinicalStatus }),
  );

  it.each(writings('refuted'))(
    'refuted %s gets no evidence and is not made again',
    (_how, verificationStatus) => nothing({ verificationStatus }),
  );

  it.each([
    ...writings('entered-in-error'),
    ['in other words', 'Entered in error'] as [string, unknown],
  ])(
    'entered in error %s gets no evidence, and is not made again of what was answered before',
    (_how, verificationStatus) => {
      const inError = { clinicalStatus: undefined, verificationStatus };
      nothing(inError);
      const named = {
        recordedDate: undefined,
        evidence: [{ detail: [{ reference: 'QuestionnaireResponse/q1' }] }],
      };
      nothing({ ...inError, ...named });
      expect(conditionsOf(run(hungry, onFile({ ...inError, ...before })).transaction)).toEqual([
        'POST food-insecurity 733423003 Z59.41',
      ]);
    },
  );

  const site = (code: string, display: string) => ({
    coding: [{ system: 'urn:site', code, display }],
  });
  it.each<[string, object]>([
    [
      'refuted by the display of a code of the site',
      { verificationStatus: site('REF', 'Refuted') },
    ],
    [
      'refuted by its text beside a code of the site',
      { verificationStatus: { ...site('7', ''), text: 'REFUTED' } },
    ],
    [
      'a mistake by the display of a code of the site',
      { verificationStatus: site('ERR', 'Entered in Error') },
    ],
    [
      'over by the display of a SNOMED CT code',
      { clinicalStatus: site('413322009', 'Problem resolved') },
    ],
    [
      'over by its text beside a code of the site',
      { clinicalStatus: { ...site('X', ''), text: 'Inactive' } },
    ],
  ])('%s gets no evidence and is not made again', (_what, change) => nothing(change));

  it.each<[string, object]>([
    ['a verification that nobody can read', { verificationStatus: site('REF', '') }],
    ['a verification that is denied', { verificationStatus: { text: 'not refuted' } }],
    [
      'confirmed, and refuted',
      { verificationStatus: { coding: [{ code: 'confirmed' }], text: 'Refuted' } },
    ],
    [
      'active, and resolved',
      { clinicalStatus: { coding: [{ code: 'active' }], text: 'Resolved' } },
    ],
    ['a status of another list', { clinicalStatus: { coding: [{ code: 'completed' }] } }],
    ['a status that is a number', { clinicalStatus: 7 }],
    ['active, with an end', { abatementDateTime: '2026-01-01' }],
    ['active, with an end in words', { abatementString: 'in spring' }],
  ])('%s is for a person: nothing is added, and nothing made beside it', (_what, change) => {
    for (const day of ['2026-06-01', '2026-01-01', undefined]) {
      const { transaction, issues } = run(hungry, onFile({ recordedDate: day, ...change }));
      expect(conditionsOf(transaction)).toEqual([]);
      expect(issuesOf(issues)).toContain('warning condition-review [2].resource');
    }
  });

  it.each([
    { abatementDateTime: '2026-05-20' },
    { abatementPeriod: { start: '2026-05-10' } },
    { abatementString: 'in May' },
    { abatementAge: { value: 47, unit: 'a' } },
    { abatementRange: { low: { value: 46 } } },
    { abatementBoolean: true },
  ])(
    'that says by its end alone (%j) that it is over gets no evidence and is not made again',
    (end) => nothing({ clinicalStatus: undefined, ...end }),
  );

  it('that ended before the answer gives way to a new one, and one that says that it has no end stands', () => {
    const ended = onFile({ clinicalStatus: undefined, abatementDateTime: '2026-05-01' });
    expect(conditionsOf(run(hungry, ended).transaction)).toEqual([
      'POST food-insecurity 733423003 Z59.41',
    ]);
    const open = onFile({ clinicalStatus: undefined, abatementBoolean: false });
    expect(conditionsOf(run(hungry, open).transaction)).toEqual([
      'PUT food-insecurity 733423003 -',
    ]);
  });

  it.each(writings('active'))('active %s gets evidence', (_how, clinicalStatus) => {
    expect(conditionsOf(run(hungry, onFile({ clinicalStatus })).transaction)).toEqual([
      'PUT food-insecurity 733423003 -',
    ]);
  });

  it('of a status that nobody can read is for a person: nothing is added, and nothing made beside it', () => {
    const { transaction, issues } = run(
      hungry,
      onFile({ clinicalStatus: { coding: [{ code: 'smoldering' }] } }),
    );
    expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([
      [],
      [
        'information not-coded [1].resource.item[0].answer[0]',
        'warning condition-review [2].resource',
      ],
    ]);
  });
});

describe('a Condition on file whose code tells no need', () => {
  const hungry = form(ahc, { '88122-7': 'LA28397-0' });
  const made = ['POST food-insecurity 733423003 Z59.41'];
  const of = (system: string, code: string) => ({ category: [{ coding: [{ system, code }] }] });
  const sdoh = of('http://hl7.org/fhir/us/core/CodeSystem/us-core-category', 'sdoh');
  const problem = of(
    'http://terminology.hl7.org/CodeSystem/condition-category',
    'problem-list-item',
  );
  const silent: [string, unknown][] = [
    ['no code', undefined],
    ['an empty code', {}],
    ['no codings', { coding: [] }],
    ['a coding without a code', { coding: [{ system: 'http://snomed.info/sct', code: '' }] }],
  ];
  const told: [string, unknown][] = [
    ['words', { text: 'food insecurity.' }],
    ['words with their kind of concept', { text: 'FOOD INSECURITY (finding)' }],
    [
      'words of a code of the site',
      { coding: [{ system: 'urn:site', code: 'F', display: 'Food insecurity' }] },
    ],
  ];

  it.each([
    ...silent,
    ...told,
    ['a code of the site', { coding: [{ system: 'urn:site', code: 'F' }] }] as [string, unknown],
  ])(
    'within the category of the need: %s. None is made beside it, and a person looks',
    (_what, found) => {
      const { transaction, issues } = run(
        hungry,
        condition('c', 'food-insecurity', '', { code: found }),
      );
      expect(conditionsOf(transaction)).toEqual([]);
      expect(issuesOf(issues)).toEqual([
        'warning condition-review [2].resource',
        'warning missing-data [2].resource.code',
      ]);
    },
  );

  it.each(told)('of no category: %s', (_what, found) => {
    const { transaction, issues } = run(
      hungry,
      condition('c', '', '', { code: found, ...problem }),
    );
    expect(conditionsOf(transaction)).toEqual([]);
    expect(issuesOf(issues)).toContain('warning condition-review [2].resource');
  });

  it.each(silent)('that says no more than that it is a social need: %s', (_what, found) => {
    const { transaction, issues } = run(hungry, condition('c', '', '', { code: found, ...sdoh }));
    expect(conditionsOf(transaction)).toEqual([]);
    expect(issuesOf(issues)).toContain('warning condition-review [2].resource');
  });

  it.each(silent)('that may be anything: %s. It is said', (_what, found) => {
    const { transaction, issues } = run(
      hungry,
      condition('c', '', '', { code: found, ...problem }),
    );
    expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([
      made,
      ['warning missing-data [2].resource.code'],
    ]);
  });

  it.each<[string, object]>([
    ['of another category', {}],
    ['that is over', { clinicalStatus: { coding: [{ code: 'resolved' }] } }],
    ['that was a mistake', { verificationStatus: { coding: [{ code: 'entered-in-error' }] } }],
    [
      'that was over before',
      { clinicalStatus: { coding: [{ code: 'resolved' }] }, recordedDate: '2026-01-01' },
    ],
  ])('%s stands in nobody’s way', (what, change) => {
    const category = what === 'of another category' ? 'homelessness' : 'food-insecurity';
    expect(
      conditionsOf(run(hungry, condition('c', category, '', { code: {}, ...change })).transaction),
    ).toEqual(made);
  });

  it.each<[string, object]>([
    ['over', { clinicalStatus: { coding: [{ code: 'resolved' }] }, recordedDate: '2026-06-01' }],
    [
      'refuted',
      { verificationStatus: { coding: [{ code: 'refuted' }] }, recordedDate: '2026-06-01' },
    ],
    ['refuted, nobody says when', { verificationStatus: { coding: [{ code: 'refuted' }] } }],
    [
      'a mistake',
      {
        verificationStatus: { coding: [{ code: 'entered-in-error' }] },
        recordedDate: '2026-06-01',
      },
    ],
  ])(
    'that is %s since the answer may have been judged with it: none is made, and a person looks',
    (_what, change) => {
      const { transaction, issues } = run(
        hungry,
        condition('c', 'food-insecurity', '', { code: { text: 'hungry' }, ...change }),
      );
      expect(conditionsOf(transaction)).toEqual([]);
      expect(issuesOf(issues)).toContain('warning condition-review [2].resource');
    },
  );
});
