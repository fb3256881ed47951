import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import {
  bundle,
  code,
  conditionsOf,
  form,
  issuesOf,
  observation,
  observationsOf,
  patient,
} from '../../test/bundles.ts';

const ahc = '96777-8';
const ride = 'transportation-insecurity 551691000124106 Z59.82';
const mrn = { system: 'urn:oid:2.16.840.1.113883.19.5', value: 'MRN-1001' };
const rideless = (change: object = {}) => form(ahc, { '93030-5': 'LA33-6' }, change);
const run = (...resources: Parameters<typeof bundle>) => code(bundle(patient(), ...resources));

describe('whose answers they are', () => {
  it.each<[string, object]>([
    ['by the identifier alone', { identifier: mrn }],
    ['by a conditional reference', { reference: `Patient?identifier=${mrn.system}|${mrn.value}` }],
    [
      'by one whose sign is escaped',
      { reference: `Patient?identifier=${encodeURIComponent(`${mrn.system}|${mrn.value}`)}` },
    ],
    ['by a version', { reference: 'Patient/p1/_history/3' }],
    ['by the address on its server', { reference: 'https://ehr.example.org/fhir/Patient/p1' }],
    [
      'by that address with another scheme',
      { reference: 'http://ehr.example.org/fhir/Patient/p1' },
    ],
    ['by a name only', { display: 'Ada' }],
    [
      'by an identifier of a kind that the Patient has not',
      { identifier: { system: 'urn:other', value: '7' } },
    ],
  ])('the Patient’s: %s', (_title, subject) => {
    const { transaction, issues } = run(rideless({ subject }));
    expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([[`POST ${ride}`], []]);
  });

  it.each<[string, object]>([
    [
      'another identifier of the same kind',
      { subject: { identifier: { ...mrn, value: 'MRN-9' } } },
    ],
    [
      'the same id on another server',
      { subject: { reference: 'https://other.example.org/fhir/Patient/p1' } },
    ],
    [
      'a conditional reference to somebody else',
      { subject: { reference: `Patient?identifier=${mrn.system}|MRN-9` } },
    ],
    [
      'a contained Patient that nothing identifies',
      { subject: { reference: '#p' }, contained: [{ resourceType: 'Patient', id: 'p' }] },
    ],
  ])('somebody else’s: %s', (_title, change) => {
    const { transaction, issues } = run(rideless(change));
    expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([
      [],
      ['warning invalid-value [1].resource'],
    ]);
  });

  it('a contained Patient is the one that has its identifier', () => {
    const contained = [{ resourceType: 'Patient', id: 'p', identifier: [mrn] }];
    expect(
      conditionsOf(run(rideless({ subject: { reference: '#p' }, contained })).transaction),
    ).toEqual([`POST ${ride}`]);
  });

  it('what was observed of somebody else in the Patient’s record is not the Patient’s', () => {
    const { transaction, issues } = run(
      observation('o1', '93030-5', 'LA33-6', { focus: [{ reference: 'RelatedPerson/r1' }] }),
    );
    expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([
      [],
      ['warning invalid-value [1].resource'],
    ]);
    const own = run(
      observation('o1', '93030-5', 'LA33-6', { focus: [{ reference: 'Patient/p1' }] }),
    );
    expect(conditionsOf(own.transaction)).toEqual([`POST ${ride}`]);
  });

  it('members of a panel are found by their address where entries have none', () => {
    const base = 'https://ehr.example.org/fhir';
    const whole = bundle(
      patient(),
      observation(
        'o0',
        ahc,
        {},
        {
          hasMember: [{ reference: `${base}/Observation/o1` }],
          subject: { reference: `${base}/Patient/p1` },
        },
      ),
      observation('o1', '88122-7', 'LA28397-0', { subject: { reference: `${base}/Patient/p1` } }),
    );
    const { transaction, issues } = code({
      ...whole,
      entry: whole.entry.map(({ resource }) => ({ resource })),
    });
    expect([observationsOf(transaction), issuesOf(issues)]).toEqual([
      ['PUT 88122-7 LA28397-0 POS'],
      [],
    ]);
  });

  const asserterOf = (...resources: Parameters<typeof bundle>) =>
    run(...resources).transaction.flatMap(({ resource }) =>
      resource?.resourceType === 'Condition'
        ? [(resource as fhir4.Condition).asserter?.reference]
        : [],
    );

  it('whoever answered asserts it: another Patient is not taken for this one, and no organization answers', () => {
    expect(asserterOf(rideless({ source: { reference: 'Patient/mother' } }))).toEqual([
      'Patient/mother',
    ]);
    expect(asserterOf(rideless({ source: { identifier: mrn } }))).toEqual(['Patient/p1']);
    const performer = [{ reference: 'Organization/x' }, { reference: 'RelatedPerson/r1' }];
    expect(asserterOf(observation('o1', '93030-5', 'LA33-6', { performer }))).toEqual([
      'RelatedPerson/r1',
    ]);
  });

  it('half of the Hunger Vital Sign gives no score: whoever answered it asserts the need', () => {
    for (const some of [
      [form('88121-9', { '88122-7': 'LA28397-0' })],
      [observation('o1', '88123-5', 'LA6729-3', { performer: [{ reference: 'Patient/p1' }] })],
    ]) {
      const { transaction } = run(...some);
      expect([conditionsOf(transaction), observationsOf(transaction).length]).toEqual([
        ['POST food-insecurity 733423003 Z59.41'],
        1,
      ]);
      expect(asserterOf(...some)).toEqual(['Patient/p1']);
    }
    // A refusal answers nothing: there is no score of both.
    expect(
      observationsOf(
        run(form('88121-9', { '88122-7': 'LA28397-0', '88123-5': 'LA15775-2' })).transaction,
      ),
    ).toHaveLength(2);
  });

  it('nobody asserts a score, wherever it was computed', () => {
    const risk = form('88121-9', { '88124-3': 'LA19952-3' });
    expect(asserterOf(risk)).toEqual([undefined]);
    expect(JSON.stringify(run(risk).transaction)).toContain('SDOHCC-ExtensionConditionAsserter');
    const both = form(ahc, { '88122-7': 'LA28397-0', '71802-3': 'LA31993-1' }, { id: 'q2' });
    expect(asserterOf(risk, both)).toEqual(['Patient/p1']);
  });
});
