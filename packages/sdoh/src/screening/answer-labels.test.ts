import type { fhir4 } from '@loopwell/fhir';
import { instruments } from '@loopwell/instruments';
import { deriveId } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import { bundle, code, condition, form, observation, patient } from '../../test/bundles.ts';
import { codePerson, type PersonRecord } from '../index.ts';

/**
 * Labels travel from whatever an answer comes from to what is made of it, and to nothing else
 * (coding contract).
 */
const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const eth = { system: actCode, code: 'ETH' };
const site = {
  system: 'https://clinic.example/labels',
  code: 'teen-clinic',
  display: 'Teen clinic',
};
const normal = { system: confidentiality, code: 'N' };
const labeled = (...security: unknown[]) => ({ meta: { security } });

const ride = (change: object = {}) => form('96777-8', { '93030-5': 'LA33-6' }, change);
const rideObservation = (change: object = {}) => observation('o1', '93030-5', 'LA33-6', change);
const encounter = (change: object = {}) => ({
  resourceType: 'Encounter',
  id: 'e1',
  status: 'finished',
  subject: { reference: 'Patient/p1' },
  identifier: [{ system: 'urn:visits', value: 'V-1' }],
  period: { start: '2026-05-04T09:00:00-05:00', end: '2026-05-04T11:00:00-05:00' },
  ...change,
});

/**
 * `Observation: ETH`, for each resource of the answer that carries labels, and those of them that
 * carry none.
 */
function labelsOut(input: unknown): string[] {
  return code(input).transaction.map(({ resource }) => {
    const said = (resource?.meta?.security ?? []).map((one) => one.code).join(' ');
    return `${resource?.resourceType}: ${said}`.trim();
  });
}

const made = ['Observation', 'Condition'];
const others = ['Provenance:', 'Goal:', 'ServiceRequest:'];
const expected = (label: string) => [...made.map((type) => `${type}: ${label}`), ...others];

describe('a label', () => {
  const panel = (change: object = {}) =>
    observation(
      'panel',
      '96777-8',
      {},
      { hasMember: [{ reference: 'Observation/o1' }], ...change },
    ) as object;
  const contained = {
    ...encounter({ id: 'visit', ...labeled(eth) }),
  };

  it.each<[string, unknown]>([
    ['of the Bundle', { ...bundle(patient(), ride()), ...labeled(eth) }],
    ['of the form', bundle(patient(), ride(labeled(eth)))],
    ['of the Observation', bundle(patient(), rideObservation(labeled(eth)))],
    [
      'of the Encounter that the form names',
      bundle(
        patient(),
        encounter(labeled(eth)),
        ride({ encounter: { reference: 'Encounter/e1' } }),
      ),
    ],
    [
      'of the Encounter that the form names by its address',
      bundle(
        patient(),
        encounter(labeled(eth)),
        ride({ encounter: { reference: 'https://ehr.example.org/fhir/Encounter/e1' } }),
      ),
    ],
    [
      'of the Encounter that the form names by identifier',
      bundle(
        patient(),
        encounter(labeled(eth)),
        ride({ encounter: { identifier: { system: 'urn:visits', value: 'V-1' } } }),
      ),
    ],
    [
      'of a contained Encounter',
      bundle(patient(), ride({ contained: [contained], encounter: { reference: '#visit' } })),
    ],
    ['of the Encounter at its time', bundle(patient(), encounter(labeled(eth)), ride())],
    [
      'of the panel that holds it',
      bundle(patient(), panel(labeled(eth)) as never, rideObservation()),
    ],
    [
      'of the form that it was made of',
      bundle(
        patient(),
        ride(labeled(eth)),
        rideObservation({ derivedFrom: [{ reference: 'QuestionnaireResponse/q1' }] }),
      ),
    ],
  ])(
    '%s is on every Observation and Condition made from it, and on nothing else',
    (_where, input) => {
      expect(labelsOut(input)).toEqual(expected('ETH'));
    },
  );

  it('of a component is that of its Observation', () => {
    const parts = [
      {
        code: { coding: [{ system: 'http://loinc.org', code: '93030-5' }] },
        valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: 'LA33-6' }] },
      },
    ];
    expect(
      labelsOut(
        bundle(patient(), observation('o1', '96777-8', {}, { component: parts, ...labeled(site) })),
      ),
    ).toEqual(expected('teen-clinic'));
  });

  it('of the site stays as it is, beside others, once', () => {
    const input = { ...bundle(patient(), ride(labeled(site, normal))), ...labeled(normal) };
    const [first, second] = code(input).transaction;
    for (const one of [first, second])
      expect(one?.resource?.meta?.security).toEqual([normal, site]);
  });

  it('stays with its own answers: neighbors of another form are not labeled', () => {
    const other = form(
      '93025-5',
      { '93031-3': 'LA30125-1' },
      { id: 'q2', authored: '2026-05-05T10:00:00-05:00' },
    );
    const labels = labelsOut(bundle(patient(), ride(labeled(eth)), other));
    expect(labels.filter((one) => one === 'Observation: ETH')).toHaveLength(1);
    expect(labels.filter((one) => one === 'Observation:')).toHaveLength(1);
  });

  it('of one item is on the score that is computed from it, and on the need', () => {
    const often = (id: string, question: string, change: object = {}) =>
      observation(id, question, 'LA28397-0', change);
    const labels = labelsOut(
      bundle(patient(), often('o1', '88122-7'), often('o2', '88123-5', labeled(eth))),
    );
    expect(labels.filter((one) => one.startsWith('Observation'))).toEqual([
      'Observation:',
      'Observation: ETH',
      'Observation: ETH',
    ]);
    expect(labels.filter((one) => one.startsWith('Condition'))).toEqual(['Condition: ETH']);
  });

  it('of an answer is not on the Condition on file that gets it as evidence', () => {
    const onFile = condition('c1', 'transportation-insecurity', '551691000124106');
    expect(labelsOut(bundle(patient(), ride(labeled(eth)), onFile))).toEqual([
      'Observation: ETH',
      'Condition:',
    ]);
  });

  it.each<[string, unknown, unknown[]]>([
    ['a text', ['ETH'], [{ code: 'ETH' }, { system: confidentiality, code: 'R' }]],
    ['a text instead of a list', 'ETH', [{ code: 'ETH' }, { system: confidentiality, code: 'R' }]],
    ['one object instead of a list', eth, [eth]],
    ['a number', [7], [{ system: confidentiality, code: 'R' }]],
    ['null', [null], [{ system: confidentiality, code: 'R' }]],
    [
      'a code that is a number',
      [{ system: actCode, code: 5 }],
      [{ system: confidentiality, code: 'R' }],
    ],
    ['no system', [{ code: 'ETH' }], [{ code: 'ETH' }]],
  ])('that is %s is kept as far as it can be, and restricts', (_what, security, read) => {
    const [first, second] = code(bundle(patient(), ride({ meta: { security } }))).transaction;
    for (const one of [first, second]) expect(one?.resource?.meta?.security).toEqual(read);
  });
});

describe('a label that one of two copies of an answer carries', () => {
  const one = (id: string, change: object = {}) => observation(id, '93030-5', 'LA33-6', change);
  const named = { identifier: [{ system: 'urn:visits', value: 'A-1' }] };
  const panel = (member: string, change: object = {}) =>
    observation(
      'panel',
      '96777-8',
      {},
      { hasMember: [{ reference: `Observation/${member}` }], ...change },
    );
  const parts = (change: object = {}) => {
    const coded = (answer: string) => ({ coding: [{ system: 'http://loinc.org', code: answer }] });
    return observation(
      'parts',
      '96777-8',
      {},
      { component: [{ code: coded('93030-5'), valueCodeableConcept: coded('LA33-6') }], ...change },
    );
  };
  const versions = (older: object, later: object): Entries => [
    one('o1', { meta: { versionId: '1', ...older } }),
    one('o1', { meta: { versionId: '2', ...later } }),
  ];
  type Entries = Parameters<typeof bundle>;
  /** Two copies; the label is on the one or on the other. */
  const copies: [string, (first: object, second: object) => Entries][] = [
    ['of one identifier', (a, b) => [one('o1', { ...named, ...a }), one('o2', { ...named, ...b })]],
    [
      'of one id',
      (a, b) => versions((a as { meta?: object }).meta ?? {}, (b as { meta?: object }).meta ?? {}),
    ],
    ['a form and an Observation', (a, b) => [ride(a), one('o1', b)]],
    [
      'an Observation that was made of a form',
      (a, b) => [
        ride(a),
        one('o1', { derivedFrom: [{ reference: 'QuestionnaireResponse/q1' }], ...b }),
      ],
    ],
    ['two Observations', (a, b) => [one('o1', a), one('o2', b)]],
    ['two forms', (a, b) => [ride(a), ride({ id: 'q2', ...b })]],
    [
      'two forms of one identifier',
      (a, b) => [
        ride({ identifier: named.identifier[0], ...a }),
        ride({ id: 'q2', identifier: named.identifier[0], ...b }),
      ],
    ],
    [
      'a panel’s component and its member',
      (a, b) => [parts({ hasMember: [{ reference: 'Observation/o1' }], ...a }), one('o1', b)],
    ],
    ['a component and another Observation', (a, b) => [parts(a), one('o1', b)]],
    [
      'a code and its words',
      (a, b) => [one('o1', a), observation('o2', '93030-5', { valueString: 'Yes' }, b)],
    ],
    [
      'the words and a form',
      (a, b) => [observation('o2', '93030-5', { valueString: 'Yes' }, a), ride(b)],
    ],
    [
      'one of a panel that is labeled',
      (a, b) => [one('o1', named), one('o2', { ...named, ...b }), panel('o1', a)],
    ],
    [
      'the other of a panel that is labeled',
      (a, b) => [one('o1', { ...named, ...b }), one('o2', named), panel('o2', a)],
    ],
    [
      'an Encounter of one identifier',
      (a, b) => [
        encounter(a),
        encounter({ id: 'e2', ...b }),
        one('o1', { encounter: { reference: 'Encounter/e1' } }),
      ],
    ],
    [
      'an Encounter that comes twice',
      (a, b) => [
        encounter(a),
        encounter(b),
        one('o1', { encounter: { reference: 'Encounter/e1' } }),
      ],
    ],
  ];
  it.each(copies)('is on all that is made of it: %s', (_what, input) => {
    const both: [object, object][] = [
      [labeled(eth), {}],
      [{}, labeled(eth)],
    ];
    for (const [first, second] of both)
      for (const resources of [input(first, second), [...input(first, second)].reverse()])
        expect(labelsOut(bundle(patient(), ...resources))).toEqual(expected('ETH'));
    const [all] = code(bundle(patient(), ...input(labeled(eth), labeled(site)))).transaction;
    expect(all?.resource?.meta?.security?.map((label) => label.code).sort()).toEqual([
      'ETH',
      'teen-clinic',
    ]);
  });
});

describe('a need that rests on a label', () => {
  const record = (labels: unknown[], conditions: object[] = []): PersonRecord => ({
    tenant: 'clinic',
    connection: 'ehr',
    base: 'https://ehr.example.org/fhir',
    person: 'p',
    patient: patient() as unknown as fhir4.Patient,
    encounters: [],
    responses: [ride({ meta: { security: labels } }) as unknown as fhir4.QuestionnaireResponse],
    observations: [],
    conditions: conditions as fhir4.Condition[],
    made: [],
  });
  const restriction = (...labels: unknown[]) =>
    codePerson(record(labels), instruments, { deriveId }).needs[0]?.restriction;
  const v3 = (codeOf: string) => ({ system: confidentiality, code: codeOf });

  it.each(['U', 'L', 'M', 'N'])('may leave like any other under v3-Confidentiality %s', (one) => {
    expect(restriction(v3(one))).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['R', v3('R')],
    ['V', v3('V')],
    ['a code that the system does not have', v3('X')],
    ['a small letter', v3('n')],
    ['N without its system', { code: 'N' }],
    ['N of another system', { system: 'https://clinic.example/labels', code: 'N' }],
    [
      'N of the system as FHIR STU3 wrote it',
      { system: 'http://hl7.org/fhir/v3/Confidentiality', code: 'N' },
    ],
    ['N whose code is masked', { ...v3('N'), _code: { extension: [] } }],
    ['a label of the site', site],
    ['a text', 'N'],
    ['a number', 4],
    ['a purpose', { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }],
  ])('waits for a person who picks one recipient under %s', (_what, label) => {
    expect(restriction(label)).toBe('one-recipient');
    expect(restriction(normal, label)).toBe('one-recipient');
  });

  it.each<[string, unknown]>([
    ['ETH', eth],
    ['42CFRPart2', { system: actCode, code: '42CFRPart2' }],
    ['eth in small letters', { system: actCode, code: 'eth' }],
    ['42CFRPart2 without its system', { code: '42CFRPart2' }],
    ['ETH as a text', 'ETH'],
  ])('waits for a consent that names the partner under %s', (_what, label) => {
    expect(restriction(label)).toBe('named-consent');
    expect(restriction(site, label)).toBe('named-consent');
  });

  it('is restricted by the Condition on file that stands for it, too', () => {
    const onFile = condition('c1', 'transportation-insecurity', '551691000124106', labeled(site));
    expect(codePerson(record([], [onFile]), instruments, { deriveId }).needs[0]?.restriction).toBe(
      'one-recipient',
    );
  });
});
