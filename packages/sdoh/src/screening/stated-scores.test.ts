import type { fhir4 } from '@loopwell/fhir';
import { instruments } from '@loopwell/instruments';
import { deriveId } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import {
  at,
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
import { codePerson } from '../index.ts';

const [ahc, hvs] = ['96777-8', '88121-9'];
const [worried, last, risk, total] = ['88122-7', '88123-5', '88124-3', '95614-4'];
const [often, never, refused, atRisk, noRisk] = [
  'LA28397-0',
  'LA28398-8',
  'LA15775-2',
  'LA19952-3',
  'LA19983-8',
];
const hungry = 'POST food-insecurity 733423003 Z59.41';
type Loose = Parameters<typeof bundle>[number];
const run = (...resources: Loose[]) => code(bundle(patient(), ...resources));
const by = { performer: [{ reference: 'Patient/p1' }] };
const derived = (...ids: string[]) => ({
  derivedFrom: ids.map((id) => ({ reference: `Observation/${id}` })),
});
const said = (answer: string, display: string) => ({
  valueCodeableConcept: { coding: [{ system: loinc, code: answer, display }] },
});
const asserters = (entries: readonly fhir4.BundleEntry[]) =>
  entries.flatMap(({ resource }) =>
    resource?.resourceType === 'Condition'
      ? [(resource as fhir4.Condition).asserter?.reference]
      : [],
  );

/** The record after the answer to it was posted. */
function posted(before: readonly Loose[], entries: readonly fhir4.BundleEntry[]): Loose[] {
  const put = entries
    .filter((one) => one.request?.method === 'PUT')
    .map((one) => one.resource as unknown as Loose);
  const made = entries
    .filter((one) => one.request?.method === 'POST')
    .map(
      (one) => ({ ...one.resource, id: one.fullUrl?.replace('urn:uuid:', '') }) as unknown as Loose,
    );
  const names = new Map(made.map((one) => [`urn:uuid:${one.id}`, `${one.resourceType}/${one.id}`]));
  const now = (one: Loose) =>
    put.find((other) => other.resourceType === one.resourceType && other.id === one.id) ?? one;
  const text = JSON.stringify([...before.map(now), ...made]);
  return JSON.parse(
    text.replaceAll(/urn:uuid:[0-9a-f-]{36}/g, (name) => names.get(name) ?? name),
  ) as Loose[];
}

describe('a stated food insecurity risk whose items do not count', () => {
  const score = (answer: string, change: object = {}) => observation('c', risk, answer, change);
  it.each(['entered-in-error', 'preliminary'])(
    'says nothing beside the one that does: the other is %s',
    (status) => {
      for (const change of [{}, derived('a', 'b')]) {
        const items = [observation('a', worried, often, { status }), observation('b', last, never)];
        const { transaction, issues } = run(...items, score(atRisk, change));
        expect([conditionsOf(transaction), observationsOf(transaction)]).toEqual([
          [],
          [`PUT ${last} ${never}`, `PUT ${risk} ${atRisk}`],
        ]);
        expect(issuesOf(issues)).toEqual([
          'information not-coded [1].resource',
          'warning contradiction [3].resource',
        ]);
      }
    },
  );

  it.each(['entered-in-error', 'preliminary'])(
    'says nothing where all of them are %s, whenever they were filed',
    (status) => {
      for (const change of [
        {},
        { effectiveDateTime: '2026-05-04T08:00:00-05:00', ...derived('a', 'b') },
      ]) {
        const items = [
          observation('a', worried, often, { status }),
          observation('b', last, often, { status }),
        ];
        const { transaction, issues } = run(...items, score(atRisk, change));
        expect([conditionsOf(transaction), observationsOf(transaction)]).toEqual([
          [],
          [`PUT ${risk} ${atRisk}`],
        ]);
        expect(issuesOf(issues)).toContain('information not-coded [3].resource');
      }
    },
  );

  it('counts where no item is there, and where the mistake was answered anew', () => {
    expect(conditionsOf(run(score(atRisk)).transaction)).toEqual([hungry]);
    const mistaken = observation('a', worried, never, { status: 'entered-in-error' });
    const anew = [observation('a2', worried, often), observation('b', last, never)];
    const { transaction, issues } = run(mistaken, ...anew, score(atRisk, derived('a', 'b')));
    expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([
      [hungry],
      ['information not-coded [1].resource'],
    ]);
  });

  it('does not outweigh the item that says the need', () => {
    const items = [
      observation('a', worried, never, { status: 'preliminary' }),
      observation('b', last, often, by),
    ];
    const { transaction } = run(...items, score(noRisk, derived('a', 'b')));
    expect([conditionsOf(transaction), asserters(transaction)]).toEqual([[hungry], ['Patient/p1']]);
  });
});

describe('a food insecurity risk is computed from complete answers only', () => {
  const declined = {
    coding: [
      {
        system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason',
        code: 'asked-declined',
      },
    ],
  };
  it.each<[string, Loose[]]>([
    ['free text', [observation('b', last, { valueString: 'it depends' })]],
    ['invalid', [observation('b', last, never, { dataAbsentReason: declined })]],
    ['refused by its own answer', [observation('b', last, refused)]],
    ['refused by a reason', [observation('b', last, { dataAbsentReason: declined })]],
    ['contradicted by its words', [observation('b', last, said(never, 'Often true'))]],
    ['not there', []],
  ])('where one is often true and the other %s, who answered asserts the need', (_title, other) => {
    const first = observation('a', worried, often, by);
    const alone = run(first, ...other);
    expect([conditionsOf(alone.transaction), asserters(alone.transaction)]).toEqual([
      [hungry],
      ['Patient/p1'],
    ]);
    expect(observationsOf(alone.transaction).join()).not.toContain(risk);
    const stated = run(first, ...other, observation('c', risk, noRisk));
    expect([conditionsOf(stated.transaction), asserters(stated.transaction)]).toEqual([
      [hungry],
      ['Patient/p1'],
    ]);
    expect(observationsOf(stated.transaction).filter((one) => one.includes(risk))).toEqual([
      `PUT ${risk} ${noRisk}`,
    ]);
    expect(issuesOf(stated.issues)).toContain(
      `warning contradiction [${other.length + 2}].resource`,
    );
  });

  it('an answer that its words contradict gives none, and denies no need', () => {
    const before = form(
      hvs,
      { [worried]: often, [last]: often },
      { authored: '2026-05-01T10:00:00-05:00' },
    );
    const { transaction, issues } = run(
      before,
      observation('a', worried, said(never, 'Often true')),
      observation('b', last, never),
    );
    expect(conditionsOf(transaction)).toEqual([hungry]);
    expect(observationsOf(transaction).filter((one) => one.includes(risk))).toEqual([
      `POST ${risk} ${atRisk} POS`,
    ]);
    expect(issuesOf(issues)).toEqual(['warning contradiction [2].resource']);
  });
});

describe('the safety score', () => {
  const items = ['95618-5', '95617-7', '95616-9', '95615-1'];
  const lowest = 'LA6270-8';
  it('is not computable from an answer that its words contradict: a person looks', () => {
    const rest = items.slice(1).map((one, index) => observation(`o${index}`, one, lowest));
    const { transaction, issues } = run(
      observation('a', '95618-5', said(lowest, 'Frequently (5)')),
      ...rest,
    );
    expect(observationsOf(transaction).join()).not.toContain(total);
    expect(issuesOf(issues)).toEqual([
      'warning contradiction [1].resource',
      'warning sensitive [1].resource',
    ]);
  });

  it('is not computed beside a stated one, not even beside one that disagrees: a person is told', () => {
    const record = [
      ...items.map((one, index) => observation(`o${index}`, one, lowest)),
      observation('c', total, 9),
    ];
    const first = run(...record);
    expect(observationsOf(first.transaction).filter((one) => one.includes(total))).toEqual([
      `PUT ${total} 9 R`,
    ]);
    const second = run(...posted(record, first.transaction));
    expect(observationsOf(second.transaction).filter((one) => one.startsWith('POST'))).toEqual([]);
    expect(
      [first, second].map(({ issues }) =>
        issuesOf(issues).filter((one) => one.includes('contradiction')),
      ),
    ).toEqual([['warning contradiction [5].resource'], ['warning contradiction [5].resource']]);
  });
});

describe('a record that was coded and posted', () => {
  it.each<[string, Loose[]]>([
    [
      'single Observations',
      [
        observation('a', worried, often),
        observation('b', last, never),
        observation('c', risk, noRisk, derived('a', 'b')),
      ],
    ],
    ['a form', [form(hvs, { [worried]: never, [last]: often, [risk]: noRisk })]],
    [
      'no risk, and the stated one at risk',
      [form(hvs, { [worried]: never, [last]: never, [risk]: atRisk }, { authored: at })],
    ],
  ])('gets no second food insecurity risk, and no other contradiction: %s', (_title, record) => {
    const first = run(...record);
    const scores = (entries: readonly fhir4.BundleEntry[]) =>
      observationsOf(entries).filter((one) => one.includes(risk));
    expect(scores(first.transaction)).toHaveLength(1);
    const after = posted(record, first.transaction);
    const second = run(...after);
    expect(scores(second.transaction).filter((one) => one.startsWith('POST'))).toEqual([]);
    expect(conditionsOf(second.transaction)).toEqual([]);
    const contradictions = [first, second].map(({ issues }) =>
      issuesOf(issues).filter((one) => one.includes('contradiction')),
    );
    expect(contradictions.map((one) => one.length)).toEqual([1, 1]);
  });

  it('two stated risks of no items contradict each other still', () => {
    const { transaction, issues } = run(
      observation('c', risk, noRisk),
      observation('d', risk, atRisk),
    );
    expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([
      [],
      ['warning contradiction [1].resource'],
    ]);
  });
});

it('a stated risk that agrees with half of the items adds to what was answered', () => {
  const { transaction, issues } = run(
    form(ahc, {}),
    observation('a', worried, often, by),
    observation('c', risk, atRisk),
  );
  expect([conditionsOf(transaction), asserters(transaction), issuesOf(issues)]).toEqual([
    [hungry],
    ['Patient/p1'],
    [],
  ]);
});

describe('a score that is computed', () => {
  const derivedFrom = (...resources: Parameters<typeof bundle>) => {
    const { transaction } = code(bundle(...resources));
    const made = transaction
      .filter((one) => one.request?.method === 'POST')
      .map((one) => one.resource as fhir4.Observation);
    const score = made.find(
      (one) => one.code?.coding?.[0]?.code === '88124-3' || one.valueQuantity !== undefined,
    );
    return score?.derivedFrom?.map((one) => one.reference?.replace(/^urn:uuid:.*/, 'item'));
  };

  it('from a form derives from its items and the form', () => {
    const answered = form('88121-9', { '88122-7': 'LA28397-0', '88123-5': 'LA28397-0' });
    expect(derivedFrom(patient(), answered)).toEqual(['item', 'item', 'QuestionnaireResponse/q1']);
  });

  it('from Observations derives from these alone', () => {
    const [a, b] = [
      observation('a', '88122-7', 'LA28397-0'),
      observation('b', '88123-5', 'LA28397-0'),
    ];
    expect(derivedFrom(patient(), a, b)).toEqual(['Observation/a', 'Observation/b']);
  });
});

describe('a risk that is stated where another form asked its questions', () => {
  const asked = (first: string, second: string) => ({ [worried]: first, [last]: second });
  const component = ([question, answer]: [string, string]) => ({
    code: { coding: [{ system: loinc, code: question }] },
    valueCodeableConcept: { coding: [{ system: loinc, code: answer }] },
  });
  const members = { hasMember: ['a', 'b', 'c'].map((id) => ({ reference: `Observation/${id}` })) };
  const minutesLater = { effectiveDateTime: '2026-05-04T10:03:00-05:00' };
  const daysLater = {
    effectiveDateTime: '2026-05-06',
    derivedFrom: [{ reference: 'QuestionnaireResponse/q1' }],
  };
  const single = (id: string, question: string, answer: string) =>
    observation(id, question, answer, by);
  /** What carries it, the place of the stated risk, and the answers with it. */
  const carriers: [string, string, (answers: Record<string, string>, stated: string) => Loose[]][] =
    [
      [
        'in an AHC form',
        '[1].resource.item[2].answer[0]',
        (answers, stated) => [form(ahc, { ...answers, [risk]: stated })],
      ],
      [
        'minutes after an AHC form',
        '[2].resource',
        (answers, stated) => [form(ahc, answers), observation('c', risk, stated, minutesLater)],
      ],
      [
        'of an AHC form, on another day',
        '[2].resource',
        (answers, stated) => [form(ahc, answers), observation('c', risk, stated, daysLater)],
      ],
      [
        'minutes after its own form',
        '[2].resource',
        (answers, stated) => [form(hvs, answers), observation('c', risk, stated, minutesLater)],
      ],
      [
        'of its own form, on another day',
        '[2].resource',
        (answers, stated) => [form(hvs, answers), observation('c', risk, stated, daysLater)],
      ],
      [
        'in an AHC panel',
        '[4].resource',
        (answers, stated) => [
          observation('p', ahc, {}, members),
          single('a', worried, answers[worried] ?? ''),
          single('b', last, answers[last] ?? ''),
          observation('c', risk, stated),
        ],
      ],
      [
        'in components of an AHC panel',
        '[1].resource.component[2]',
        (answers, stated) => [
          observation(
            'p',
            ahc,
            {},
            {
              component: [...Object.entries(answers), [risk, stated] as [string, string]].map(
                component,
              ),
            },
          ),
        ],
      ],
    ];

  it.each(carriers)(
    '%s: what was answered counts, and a person is told',
    (_where, place, input) => {
      for (const answers of [asked(often, never), asked(never, often), asked(often, often)]) {
        const { transaction, issues } = run(...input(answers, noRisk));
        expect(conditionsOf(transaction)).toEqual([hungry]);
        expect(
          observationsOf(transaction)
            .filter((one) => one.includes(risk))
            .map((one) => one.split(' ').slice(1).join(' ')),
        ).toEqual([`${risk} ${noRisk}`]);
        expect(issuesOf(issues)).toEqual([`warning contradiction ${place}`]);
      }
      const denied = run(...input(asked(never, never), atRisk));
      expect(conditionsOf(denied.transaction)).toEqual([]);
      expect(observationsOf(denied.transaction).some((one) => one.endsWith(' POS'))).toBe(false);
      expect(issuesOf(denied.issues)).toEqual([`warning contradiction ${place}`]);
    },
  );

  it.each(carriers)(
    '%s: one that agrees is the score, and no second one is made',
    (_where, _place, input) => {
      for (const [answers, stated, needs] of [
        [asked(often, never), atRisk, [hungry]],
        [asked(never, never), noRisk, []],
      ] as const) {
        const { transaction, issues } = run(...input(answers, stated));
        expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([needs, []]);
        expect(observationsOf(transaction).filter((one) => one.includes(risk))).toHaveLength(1);
      }
    },
  );

  it('and whose questions were refused says nothing: the category was declined', () => {
    const { transaction, issues } = run(
      form(ahc, { ...asked('LA30122-8', 'LA30122-8'), [risk]: atRisk }),
    );
    expect(conditionsOf(transaction)).toEqual([]);
    expect(screenedOf(issues)).toEqual({ 'food-insecurity': 'screened-declined' });
  });

  it('of another sitting is no score of theirs', () => {
    const { issues } = run(
      form(ahc, asked(often, never)),
      observation('c', risk, noRisk, { effectiveDateTime: '2026-05-01T10:00:00-05:00' }),
    );
    expect(issuesOf(issues)).toEqual([]);
  });

  it('and disagrees lets no policy act on what was answered', () => {
    const record = (stated: string) => ({
      tenant: 'o',
      connection: 'c',
      base: 'https://ehr.example.org/fhir',
      person: 'p',
      encounters: [],
      responses: [
        form(ahc, { ...asked(often, never), [risk]: stated }),
      ] as unknown as fhir4.QuestionnaireResponse[],
      observations: [],
      conditions: [],
      made: [],
    });
    const isClear = (stated: string) =>
      codePerson(record(stated), instruments, { deriveId }).needs.map((one) => one.unambiguous);
    expect([isClear(atRisk), isClear(noRisk)]).toEqual([[true], [false]]);
  });

  it('and a safety total that is filed minutes later, is compared with what was answered', () => {
    const items = ['95618-5', '95617-7', '95616-9', '95615-1'];
    const asked = form(ahc, Object.fromEntries(items.map((one) => [one, 'LA6270-8'])));
    const stated = (value: number) => run(asked, observation('c', total, value, minutesLater));
    expect(issuesOf(stated(4).issues)).toEqual([]);
    expect(issuesOf(stated(12).issues)).toEqual([
      'warning contradiction [2].resource',
      'warning sensitive [2].resource',
    ]);
    for (const value of [4, 12])
      expect(
        observationsOf(stated(value).transaction).filter((one) => one.includes(total)),
      ).toHaveLength(1);
  });
});
