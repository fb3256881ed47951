import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import {
  bundle,
  code,
  condition,
  conditionsOf,
  form,
  issuesOf,
  loinc,
  observation,
  patient,
} from '../../test/bundles.ts';

type Loose = Parameters<typeof bundle>[0];
type Entry = fhir4.BundleEntry;

/**
 * What a server holds after a transaction: what was put in place of what was there, and what was
 * created under new ids.
 */
function stored(before: readonly Loose[], transaction: readonly Entry[]): Loose[] {
  const ids = new Map(
    transaction.flatMap((one, index) =>
      one.request?.method === 'POST' ? [[one.fullUrl ?? '', `srv${index}`]] : [],
    ),
  );
  const onServer = (one: Entry): Loose => {
    const text = JSON.stringify(one.resource).replace(
      /urn:uuid:[0-9a-f-]{36}/g,
      (urn) =>
        `${transaction.find((two) => two.fullUrl === urn)?.resource?.resourceType}/${ids.get(urn)}`,
    );
    return {
      ...(JSON.parse(text) as Loose),
      ...(one.request?.method === 'POST' ? { id: ids.get(one.fullUrl ?? '') ?? '' } : {}),
    };
  };
  const after = new Map(before.map((one) => [`${one.resourceType}/${one.id}`, one]));
  for (const one of transaction.map(onServer)) after.set(`${one.resourceType}/${one.id}`, one);
  return [...after.values()];
}

const values = (...codes: string[]) => ({
  valueCodeableConcept: { coding: codes.map((one) => ({ system: loinc, code: one })) },
});

describe('what was posted and is read again', () => {
  it.each<[string, Loose[]]>([
    ['two answers in one value', [observation('sp', '96778-6', values('LA28580-1', 'LA31996-4'))]],
    ['a form', [form('96777-8', { '93030-5': 'LA33-6', '96778-6': ['LA28580-1', 'LA31996-4'] })]],
    [
      'a score over Observations',
      [observation('m', '88122-7', 'LA28397-0'), observation('m2', '88123-5', 'LA28398-8')],
    ],
  ])('makes nothing new, and adds nothing to a Condition: %s', (_what, resources) => {
    let before = [patient(), ...resources];
    for (const _again of [1, 2]) {
      const { transaction } = code(bundle(...before));
      before = stored(before, transaction as Entry[]);
    }
    const { transaction } = code(bundle(...before));
    expect(transaction.filter((one) => one.request?.method === 'POST')).toEqual([]);
    expect(transaction.filter((one) => one.request?.url?.startsWith('Condition'))).toEqual([]);
  });
});

describe('no answer is lost', () => {
  it.each<[string, Loose[]]>([
    [
      'two forms',
      [
        form('96777-8', { '93030-5': 'LA33-6' }),
        form('96777-8', { '93030-5': 'LA33-6' }, { id: 'q2' }),
      ],
    ],
    [
      'two Observations',
      [observation('a', '93030-5', 'LA33-6'), observation('b', '93030-5', 'LA33-6')],
    ],
  ])('the same one given twice at one time counts once, and is said: %s', (_what, resources) => {
    const result = code(bundle(patient(), ...resources));
    expect(conditionsOf(result.transaction)).toHaveLength(1);
    expect(issuesOf(result.issues)).toContainEqual(expect.stringContaining('not-coded'));
  });

  it('a form and the Observation that was made of it are one, as a panel and its members are', () => {
    const ride = form('96777-8', { '93030-5': 'LA33-6' });
    const saysNothing = (...resources: Loose[]) =>
      !issuesOf(code(bundle(patient(), ...resources)).issues)
        .join()
        .includes('not-coded');
    const made = observation('a', '93030-5', 'LA33-6', {
      derivedFrom: [{ reference: 'QuestionnaireResponse/q1' }],
    });
    const component = [
      { code: { coding: [{ system: loinc, code: '93030-5' }] }, ...values('LA33-6') },
    ];
    const panel = observation(
      'p',
      '96777-8',
      {},
      { component, hasMember: [{ reference: 'Observation/a' }] },
    );
    expect([
      saysNothing(ride, made),
      saysNothing(panel, observation('a', '93030-5', 'LA33-6')),
    ]).toEqual([true, true]);
    // Nothing says that they are one.
    expect(saysNothing(ride, observation('a', '93030-5', 'LA33-6'))).toBe(false);
  });
});

describe('what is on file, written otherwise', () => {
  const ride = form('96777-8', { '93030-5': 'LA33-6' });
  const coded = (coding: object) =>
    condition('c', 'transportation-insecurity', '', { code: { coding: [coding] } });
  it.each(['Z5982', 'z59.82', ' Z59.82 '])('%s is the code that it is', (leaf) => {
    const { transaction } = code(
      bundle(patient(), ride, coded({ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: leaf })),
    );
    expect(conditionsOf(transaction).map((one) => one.split(' ')[0])).toEqual(['PUT']);
  });

  it('is for a person where nothing tells what its code means', () => {
    for (const one of [
      coded({ code: '551691000124106' }),
      condition('c', 'transportation-insecurity', '', { code: { text: 'Rides' } }),
    ])
      expect(issuesOf(code(bundle(patient(), ride, one)).issues)).toContainEqual(
        expect.stringContaining('missing-data'),
      );
  });
});

it('nothing is coded for who has died, though the boolean came as text', () => {
  expect(
    conditionsOf(
      code(bundle(patient({ deceasedBoolean: 'true' }), form('96777-8', { '93030-5': 'LA33-6' })))
        .transaction,
    ),
  ).toEqual([]);
});
